/** `dialtree preview`: the real preview of a stack's program with no credentials, on a copy, against the lab. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { ensureEngine } from "../engine/engine.ts";
import { copyProject } from "../engine/project.ts";
import { Stack } from "../engine/stack.ts";
import { loadInventory } from "../inventory/load.ts";
import { startWorld } from "../lab/world.ts";
import { progressPrinter } from "./progress.ts";
import { readStackFile } from "./stackFile.ts";
import { EXIT, type Terminal } from "./usage.ts";

const PROJECT = fileURLToPath(new URL("..", import.meta.url));

/**
 * Shows what an update of empty platforms would create. State, platforms and the copy are gone afterwards.
 * @throws Refusal for an unknown stack or a broken inventory.
 */
export async function previewCommand({ stack }: { readonly stack: string }, io: Terminal): Promise<number> {
  const config = readStackFile(stack, PROJECT);
  const { zone } = loadInventory(
    path.relative(process.cwd(), path.resolve(PROJECT, config.inventory)) || ".",
  );
  io.stdout.write(
    `preview of stack ${stack} without credentials: against the lab's empty platforms, not the real ones\n`,
  );
  const engine = await ensureEngine(progressPrinter(io.stderr));
  const folder = mkdtempSync(path.join(tmpdir(), "dialtree-preview-"));
  try {
    const world = await startWorld({ zone, cloudflare: config.cloudflare, route53: config.route53 });
    try {
      copyProject({ from: PROJECT, to: path.join(folder, "project") });
      const engineStack = new Stack({
        engine,
        name: stack,
        project: path.join(folder, "project"),
        folder: path.join(folder, "engine"),
        attachedProviders: world.platforms.ports,
      });
      const created = await engineStack.init();
      if (created.code !== 0) return failed(`${created.stdout}${created.stderr}`, io);
      const { code } = await engineStack.preview({
        args: ["--suppress-outputs"],
        onLine: (line) => void io.stdout.write(`${line}\n`),
      });
      return code === 0 ? EXIT.fine : EXIT.refused;
    } finally {
      await world.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function failed(text: string, io: Terminal): number {
  io.stderr.write(text);
  return EXIT.refused;
}
