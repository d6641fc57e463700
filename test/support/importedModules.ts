/**
 * Preloaded into a process (`node --import`): writes the URL of every module that it resolves to the file that
 * IMPORTED_MODULES_FILE names, one a line.
 */
import { appendFileSync } from "node:fs";
import { registerHooks } from "node:module";

const file = process.env.IMPORTED_MODULES_FILE;
if (file === undefined) throw new Error("IMPORTED_MODULES_FILE is not set");

registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context);
    appendFileSync(file, `${found.url}\n`);
    return found;
  },
});
