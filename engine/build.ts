import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { goModulesFolder } from "./cache.ts";
import type { OnProgress } from "./progress.ts";
import { type EngineStep, runSteps } from "./steps.ts";
import { languageHostVersion, pulumiVersion } from "./versions.ts";

/** The two commands that build the engine into a folder. */
export function buildSteps(env: NodeJS.ProcessEnv, outputFolder: string): readonly EngineStep[] {
  const goBuild = (module: string, version: string, output: string, goPackage: string) => ({
    command: "go",
    args: [
      "build",
      "-v",
      "-mod=readonly",
      "-trimpath",
      "-ldflags",
      `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${version}`,
      "-o",
      join(outputFolder, output),
      goPackage,
    ],
    cwd: join(goModulesFolder, module),
    // For this machine, whatever the caller cross-compiles for, and apart from a workspace above the checkout.
    env: { ...env, CGO_ENABLED: "0", GOOS: "", GOARCH: "", GOWORK: "off" },
    timeoutSeconds: 3600,
  });
  return [
    {
      what: "building the Pulumi CLI from Go modules",
      usually: "usually about 6 minutes on two cores",
      ...goBuild("cli", pulumiVersion, "pulumi", "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"),
    },
    {
      what: "building Pulumi's Node.js language host from Go modules",
      usually: "usually under a minute on two cores",
      ...goBuild(
        "host",
        languageHostVersion,
        "pulumi-language-nodejs",
        "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
      ),
    },
  ];
}

/**
 * Builds into a folder of its own and then renames that, so that `folder` is complete or missing. The caller holds the
 * lock of `folder`: what a killed build left behind is removed first.
 */
export async function build(
  folder: string,
  stepsFor: (outputFolder: string) => readonly EngineStep[],
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<void> {
  const unfinished = `${folder}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });
  try {
    await runSteps(stepsFor(unfinished), onProgress, signal);
    await rm(folder, { recursive: true, force: true });
    await rename(unfinished, folder);
  } finally {
    if (!signal.aborted) await rm(unfinished, { recursive: true, force: true });
  }
}
