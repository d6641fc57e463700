import type { WriteStream } from "node:tty";
import pc from "picocolors";
import type { OnProgress, ProgressEvent, ProgressStep } from "../engine/progress.ts";

/** Where progress is written; a `tty.WriteStream` has more, a pipe or a test's stand-in has less. */
export type ProgressStream = Pick<NodeJS.WritableStream, "write"> &
  Partial<Pick<WriteStream, "isTTY" | "columns">>;

const eraseLine = "\r\u001b[2K";

/**
 * Renders progress for a person. On a terminal one line is rewritten while a step lasts; elsewhere each step is one
 * line at its start and one at its end. Colour only on a terminal, and never where `NO_COLOR` is set (no-color.org).
 */
export function progressPrinter(
  stream: ProgressStream,
  env: Readonly<Record<string, string | undefined>> = process.env,
): OnProgress {
  const rewrites = stream.isTTY === true && env.TERM !== "dumb";
  const colours = pc.createColors(rewrites && !env.NO_COLOR);
  const line = (text: string) => stream.write(`${rewrites ? eraseLine : ""}${text}\n`);

  return (event: ProgressEvent) => {
    switch (event.kind) {
      case "plan":
        line("There is no Pulumi engine here yet. To get one:");
        for (const text of event.lines) line(`  - ${text}`);
        return;
      case "note":
        line(event.text);
        return;
      case "started":
        line(`${position(event.step)}, ${event.step.usually}`);
        return;
      case "running": {
        if (!rewrites) return;
        const text = `${position(event.step)}, ${duration(event.elapsedSeconds)} so far, ${event.step.usually}`;
        const room = (stream.columns ?? 80) - 1;
        const detail = [...event.detail].slice(0, Math.max(0, room - text.length - 2)).join("");
        stream.write(`${eraseLine}${text.slice(0, room)}${detail === "" ? "" : colours.dim(`  ${detail}`)}`);
        return;
      }
      case "ended":
        line(`${position(event.step)}: ${colours.green("done")} in ${duration(event.elapsedSeconds)}`);
        return;
      case "failed":
        line(`${position(event.step)}: ${colours.red("failed")} after ${duration(event.elapsedSeconds)}`);
    }
  };
}

/** `2m10s`, `45s`: whole seconds, as Go prints a duration. */
export function duration(elapsedSeconds: number): string {
  const seconds = Math.floor(elapsedSeconds);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}

function position(step: ProgressStep): string {
  return `${step.what}, step ${step.number} of ${step.count}`;
}
