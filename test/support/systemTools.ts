/** Commands of the system that some tests need; without them those tests count as skipped, with the reason. */
import { describe } from "vitest";
import { findExecutable } from "../../check/executables.ts";
import debianPackages from "./systemPackages.json" with { type: "json" };

/** Debian package of each command that a test may need. */
const PACKAGE_OF: Readonly<Record<string, string>> = debianPackages;

/**
 * Which of the commands are missing.
 * @throws Error for a command that systemPackages.json does not list: the test set-up could not install it.
 */
export function needsTools(...commands: string[]): { missing: string[] } {
  const unlisted = commands.filter((command) => PACKAGE_OF[command] === undefined);
  if (unlisted.length > 0) throw new Error(`list ${unlisted.join(", ")} in test/support/systemPackages.json`);
  return { missing: commands.filter((command) => findExecutable(command, process.env) === undefined) };
}

/** `describe` for tests that run these commands; skipped, and the title says why, where one is missing. */
export function describeWithTools(title: string, commands: readonly string[], tests: () => void): void {
  const { missing } = needsTools(...commands);
  const reason = missing.map((command) => `${command} of Debian package ${PACKAGE_OF[command]}`).join(", ");
  describe.skipIf(missing.length > 0)(missing.length > 0 ? `${title} (skipped: no ${reason})` : title, tests);
}
