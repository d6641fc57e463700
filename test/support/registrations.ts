/** What a program asks the engine for, recorded by Pulumi's mocks together with the options of each resource. */
import { generateKeyPairSync } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";

export interface Registration {
  /** Pulumi type token. */
  readonly type: string;
  /** Logical name. */
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Logical names of what it waits for. */
  readonly dependsOn: readonly string[];
  readonly ignoreChanges: readonly string[];
  readonly retainOnDelete: boolean;
  readonly protect: boolean;
}

type Properties = Readonly<Record<string, unknown>>;

/** Answers of provider functions, by token: what they give, or how they form it. */
export type Answers = Readonly<Record<string, Properties | ((inputs: Properties) => Properties)>>;

/** The part of a registration request that says how the engine treats the resource. */
interface Request {
  getName(): string;
  getDependenciesList(): string[];
  getIgnorechangesList(): string[];
  getRetainondelete(): boolean;
  getProtect(): boolean;
}

type Register = (request: Request, callback: unknown) => unknown;

/** Runs the program on mocks and waits until everything is registered. Resources by logical name. */
export async function registrationsOf(
  program: () => unknown,
  answers: Answers = {},
): Promise<ReadonlyMap<string, Registration>> {
  const asked = new Map<string, Pick<Registration, "type" | "inputs">>();
  const options = new Map<string, Omit<Registration, "type" | "name" | "inputs">>();
  await pulumi.runtime.setMocks({
    newResource({ type, name, inputs }) {
      if (asked.has(name)) throw new Error(`${name} is registered twice`);
      asked.set(name, { type, inputs });
      return { id: `id of ${name}`, state: { ...madeByProvider(type), ...inputs } };
    },
    call({ token, inputs }) {
      const answer = answers[token];
      if (answer === undefined) throw new Error(`no answer to ${token}`);
      return typeof answer === "function" ? answer(inputs) : answer;
    },
  });
  const monitor = pulumi.runtime.getMonitor() as unknown as { registerResource: Register };
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback) => {
    options.set(request.getName(), {
      dependsOn: request.getDependenciesList().map(logicalName),
      ignoreChanges: request.getIgnorechangesList(),
      retainOnDelete: request.getRetainondelete() === true,
      protect: request.getProtect() === true,
    });
    return register(request, callback);
  };
  await program();
  await pulumi.runtime.disconnect();
  return new Map(
    [...asked].map(([name, { type, inputs }]) => {
      const how = options.get(name);
      if (how === undefined) throw new Error(`${name} was not registered through the monitor`);
      return [name, { name, type, inputs, ...how }];
    }),
  );
}

/** The last part of a URN. */
function logicalName(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

/** The registration of that name. */
export function registered(all: ReadonlyMap<string, Registration>, name: string): Registration {
  const found = all.get(name);
  if (found === undefined) throw new Error(`${name} is not among ${[...all.keys()].join(", ")}`);
  return found;
}

let accountKeyPem: string | undefined;

/** What the provider of an account gives back where its inputs do not say it. */
export function madeByProvider(type: string): Readonly<Record<string, string>> {
  if (type !== "acme:index/registration:Registration") return {};
  accountKeyPem ??= generateKeyPairSync("ec", { namedCurve: "P-256" })
    .privateKey.export({ type: "sec1", format: "pem" })
    .toString();
  return { accountKeyPem, registrationUrl: "https://acme.example.test/acct/1" };
}
