#!/usr/bin/env node
// Starts the command line on a Node.js that runs TypeScript as it is, or says what is missing.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import module from "node:module";
import { fileURLToPath } from "node:url";
import { isNewEnough, tooOld } from "../nodeVersion.js";

// A reader that has seen enough (`| head`) is no error.
process.stdout.on("error", (error) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

if (isNewEnough(process.versions.node)) {
  // Compiled and stripped code is kept from run to run: a plan starts in half the time.
  module.enableCompileCache();
  const { main } = await import("./main.ts");
  process.exitCode = await main(process.argv.slice(2));
} else {
  const pinned = fileURLToPath(new URL("../node_modules/node/bin/node", import.meta.url));
  if (existsSync(pinned)) {
    const main = fileURLToPath(import.meta.url);
    const child = spawnSync(pinned, [main, ...process.argv.slice(2)], { stdio: "inherit" });
    process.exitCode = child.status ?? 1;
  } else {
    console.error(tooOld(process.versions.node));
    process.exitCode = 2;
  }
}
