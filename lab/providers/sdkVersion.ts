/** Versions of the provider SDKs that this project is installed with. */
import { createRequire } from "node:module";

/** The version that the package `name` states, for example of `@pulumi/cloudflare`. */
export function sdkVersion(name: string): string {
  const { version } = createRequire(import.meta.url)(`${name}/package.json`) as { version: string };
  return version;
}
