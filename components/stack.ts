/** What a program asks of its own stack: its configuration, and what its last update put out. */
import * as pulumi from "@pulumi/pulumi";

/** Every value of the namespace, also those that nobody asked for, so that an unknown key can be refused. */
export function stackValues(namespace: string): Record<string, unknown> {
  const prefix = `${namespace}:`;
  return Object.fromEntries(
    Object.entries(pulumi.runtime.allConfig())
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, text]) => [key.slice(prefix.length), structured(text)]),
  );
}

/** Lists and maps of a stack file arrive as JSON text, everything else as it stands. */
function structured(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Outputs of this stack's last update, in the order of the names; undefined before the first. */
export async function readOwnOutputs(...names: readonly string[]): Promise<readonly unknown[]> {
  const self = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
  const reference = new pulumi.StackReference("ledger", { name: self });
  return Promise.all(names.map(async (name) => (await reference.getOutputDetails(name)).value));
}
