// Pulumi's entry: checks the Node.js that runs it, then hands over to the stack program.
import { isNewEnough, tooOld } from "./nodeVersion.js";

if (!isNewEnough(process.versions.node)) {
  const { RunError } = await import("@pulumi/pulumi/errors.js");
  throw new RunError(tooOld(process.versions.node));
}
const { default: outputs } = await import("./index.ts");
export default outputs;
