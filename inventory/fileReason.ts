/** Why the file system refused, in words. */

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "it does not exist",
  ENOTDIR: "a part of its path is no folder",
  EACCES: "no permission to read it",
  EPERM: "no permission to read it",
  ELOOP: "its links lead in a circle",
  ENAMETOOLONG: "its path is too long",
};

/** The reason of a file system error. Any other error is a bug and stays what it is. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") throw error;
  return REASONS[error.code] ?? `it cannot be read (${error.code})`;
}
