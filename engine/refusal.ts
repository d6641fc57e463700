import { Refusal } from "../inventory/problem.ts";
import { pulumiVersion } from "./versions.ts";

/** A refusal about the engine; its remedy names the three ways to have one. */
export function engineRefusal(message: string): Refusal {
  return new Refusal([
    {
      place: "engine",
      key: "",
      rule: "engine-missing",
      message,
      remedy: [
        "do one of three and run the command again:",
        `(1) install the Pulumi CLI v${pulumiVersion} or later: curl -fsSL https://get.pulumi.com | sh, then put ~/.pulumi/bin on PATH;`,
        `(2) where get.pulumi.com can be reached, let npm fetch it: npx --yes pulumi@${pulumiVersion} version;`,
        "(3) install Go 1.26 from https://go.dev/dl and build it: npx dialtree engine",
      ].join(" "),
    },
  ]);
}
