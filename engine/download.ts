import type { EngineStep } from "./steps.ts";
import { pulumiVersion } from "./versions.ts";

/** Lets the official npm package `pulumi` download its CLI, with language hosts, into the folder it keeps them in. */
export function downloadSteps(env: NodeJS.ProcessEnv): readonly EngineStep[] {
  return [
    {
      what: `downloading the Pulumi CLI v${pulumiVersion} with the npm package pulumi`,
      usually: "usually under 2 minutes",
      command: "npm",
      args: ["exec", "--yes", `--package=pulumi@${pulumiVersion}`, "--", "pulumi", "version"],
      cwd: "/",
      env: { ...env, PULUMI_VERSION: pulumiVersion, PULUMI_SKIP_UPDATE_CHECK: "true" },
      timeoutSeconds: 1200,
    },
  ];
}
