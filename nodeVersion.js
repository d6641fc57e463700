// The oldest Node.js that runs TypeScript without a build step. Plain JavaScript: an older one must read it.

const OLDEST = { major: 22, minor: 18 };

/** @param {string} version for example "24.1.0" */
export function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > OLDEST.major || (major === OLDEST.major && minor >= OLDEST.minor);
}

/** @param {string} version */
export function tooOld(version) {
  return (
    `dialtree needs Node.js ${OLDEST.major}.${OLDEST.minor} or newer, this is ${version}: ` +
    "run `npm ci`, which installs one beside the project, and start through npm or npx; or upgrade Node.js"
  );
}
