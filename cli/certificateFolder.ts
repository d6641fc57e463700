/**
 * The folder that a node's certificates are delivered to. `DIR/<profile>` is a link to a folder that is complete
 * before the link leads there, and that is never changed afterwards: whoever opens files through the link finds
 * those of one delivery, also when this process is killed at any moment.
 */
import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import type { CertificateProfile } from "../inventory/certificateKinds.ts";
import { type Problem, Refusal } from "../inventory/problem.ts";
import type { CertificateFileName, CertificateFiles, InstalledFiles } from "../plan/certificates/delivery.ts";

const MODES: Readonly<Record<CertificateFileName, number>> = {
  "cert.pem": 0o644,
  "chain.pem": 0o644,
  "fullchain.pem": 0o644,
  "key.pem": 0o600,
};
const FOLDER_MODE = 0o755;
const FILE_NAMES = Object.keys(MODES) as CertificateFileName[];

/** Stands while a hook is owed: written before a certificate is changed, removed once the hook has gone well. */
const HOOK_DUE = ".hook-due";

/**
 * What is in place for the profile; nothing where the folder is not there yet.
 * @throws Refusal when the folder is none, cannot be used, or holds something else under the profile's name
 */
export function readInstalled(out: string, profile: CertificateProfile): InstalledFiles {
  const link = path.join(out, profile);
  return attempt(out, () => {
    if (statSync(out, { throwIfNoEntry: false })?.isDirectory() === false) throw refusal(out, "is no folder");
    const stats = lstatSync(link, { throwIfNoEntry: false });
    if (stats === undefined) return {};
    if (!stats.isSymbolicLink()) throw refusal(link, "is there, and no delivery has put it there");
    const texts = FILE_NAMES.flatMap((name) => {
      const text = readIfThere(path.join(link, name));
      return text === undefined ? [] : [[name, text]];
    });
    return Object.fromEntries(texts) as InstalledFiles;
  });
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * Puts the files in place of those that are there, one system call after the other; it yields between them, so that
 * a test can stop it at each. Folders of earlier deliveries go, save the last one, which a program may be reading.
 * @throws Refusal when the file system refuses; what was in place still is then
 */
export function* installing(
  out: string,
  profile: CertificateProfile,
  files: CertificateFiles,
): Generator<void, void, void> {
  const steps = installSteps(out, profile, files);
  for (;;) {
    const done = attempt(out, () => steps.next().done);
    if (done === true) return;
    yield;
  }
}

function* installSteps(
  out: string,
  profile: CertificateProfile,
  files: CertificateFiles,
): Generator<void, void, void> {
  const link = path.join(out, profile);
  const prefix = `.${profile}-`;
  const before = linkedFolder(link);
  const folder = mkdtempSync(path.join(out, prefix));
  const newLink = `${folder}.link`;
  try {
    yield;
    for (const name of FILE_NAMES) {
      const text = files[name];
      if (text === undefined) continue;
      yield* writeDurably(path.join(folder, name), text, MODES[name]);
    }
    chmodSync(folder, FOLDER_MODE);
    syncFolder(folder);
    yield;
    symlinkSync(path.basename(folder), newLink);
    yield;
    renameSync(newLink, link);
  } catch (error) {
    rmSync(newLink, { force: true });
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  syncFolder(out);
  yield;
  const kept = new Set([path.basename(folder), before]);
  for (const entry of readdirSync(out)) {
    if (!entry.startsWith(prefix) || kept.has(entry)) continue;
    rmSync(path.join(out, entry), { recursive: true, force: true });
    yield;
  }
}

function* writeDurably(file: string, text: string, mode: number): Generator<void, void, void> {
  const descriptor = openSync(file, "wx", mode);
  try {
    // Whatever the umask takes away.
    fchmodSync(descriptor, mode);
    yield;
    writeFileSync(descriptor, text);
    yield;
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Makes the folder where it is not there, with those above it.
 * @throws Refusal when this user may not write to it
 */
export function prepareFolder(out: string): void {
  attempt(out, () => {
    // Node.js never ends where a file system has no folders to make (/proc), unless it is asked for one only.
    const recursive = !existsSync(path.dirname(out));
    if (!existsSync(out)) mkdirSync(out, { recursive, mode: FOLDER_MODE });
    accessSync(out, constants.W_OK | constants.X_OK);
  });
}

/** Whether an earlier run has changed a certificate and its hook has not gone well since. */
export function isHookDue(out: string): boolean {
  return statSync(path.join(out, HOOK_DUE), { throwIfNoEntry: false }) !== undefined;
}

/** Notes that the hook is owed, durably, before the first change. */
export function oweHook(out: string): void {
  attempt(out, () => {
    closeSync(openSync(path.join(out, HOOK_DUE), "w", 0o644));
    syncFolder(out);
  });
}

export function hookDone(out: string): void {
  rmSync(path.join(out, HOOK_DUE), { force: true });
}

function linkedFolder(link: string): string | undefined {
  return lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() ? readlinkSync(link) : undefined;
}

function syncFolder(folder: string): void {
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function attempt<Result>(out: string, step: () => Result): Result {
  try {
    return step();
  } catch (error) {
    if (error instanceof Refusal) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    if (code === undefined) throw error;
    throw refusal(out, REASONS[code] ?? `cannot be written (${code})`);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "cannot be written: no permission",
  EPERM: "cannot be written: no permission",
  EROFS: "cannot be written: the file system is read-only",
  ENOSPC: "cannot be written: the disk is full",
  ENOTDIR: "cannot be written: a part of its path is no folder",
  EEXIST: "cannot be written: a part of its path is no folder",
};

function refusal(file: string, message: string): Refusal {
  const remedy = "name a folder of its own for the certificates, which this user may write to";
  const problem: Problem = {
    place: "--out",
    key: "",
    value: file,
    rule: "certificate-folder",
    message,
    remedy,
  };
  return new Refusal([problem]);
}
