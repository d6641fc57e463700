// The oldest Node.js that runs TypeScript without a build step. Plain JavaScript: an older one must read it.

const OLDEST = [22, 18];

/** @param {string} version for example "24.1.0" */
export function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

/** @param {string} version */
export function tooOld(version) {
  return (
    `dialtree needs Node.js ${OLDEST.join(".")} or newer, this is ${version}: ` +
    "run `npm ci`, which installs one beside the project, and start through npm or npx; or upgrade Node.js"
  );
}
