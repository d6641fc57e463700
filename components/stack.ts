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

/** An output of this stack's last update; undefined before the first. */
export async function readOwnOutput(name: string): Promise<unknown> {
  const self = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
  const { value } = await new pulumi.StackReference("ledger", { name: self }).getOutputDetails(name);
  return value;
}
