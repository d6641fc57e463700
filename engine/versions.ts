/** Release of the Pulumi CLI that is downloaded or built, and the oldest one taken from PATH. */
export const pulumiVersion = "3.259.0";

/** Release of the Node.js language host that is built; the last one published as part of a Go module. */
export const languageHostVersion = "3.68.0";

/** The first three numbers of a version such as `v3.259.0` or `go1.26.8`; undefined when there are none. */
export function versionNumbers(text: string): readonly [number, number, number] | undefined {
  const match = /^(?:v|go)?(\d+)\.(\d+)(?:\.(\d+))?/.exec(text);
  return match === null ? undefined : [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
}

/** Negative, zero or positive as `a` is older than, the same as, or newer than `b`; pre-release tags do not count. */
export function compareVersions(a: readonly number[], b: readonly number[]): number {
  const index = a.findIndex((number, at) => number !== b[at]);
  return index < 0 ? 0 : (a[index] ?? 0) - (b[index] ?? 0);
}
