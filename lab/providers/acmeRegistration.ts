/** `acme.Registration`, behaving as the real provider does. */

import type { AcmeStore } from "../store/acmeStore.ts";
import { PlatformError } from "../store/platformError.ts";
import { newPrivateKeyPem, thumbprintOf } from "./acmeKeys.ts";
import type { Properties, ResourceType } from "./provider.ts";

const DEFAULTS = { accountKeyAlgorithm: "ECDSA", accountKeyEcdsaCurve: "P384", accountKeyRsaBits: 4096 };

/** Every argument replaces the registration, and with a generated key every certificate made with it. */
export function registration(store: AcmeStore): ResourceType {
  return {
    properties: {
      accountKeyPem: { computed: true, replaces: true },
      accountKeyAlgorithm: { default: DEFAULTS.accountKeyAlgorithm, replaces: true },
      accountKeyEcdsaCurve: { default: DEFAULTS.accountKeyEcdsaCurve, replaces: true },
      accountKeyRsaBits: { default: DEFAULTS.accountKeyRsaBits, replaces: true },
      emailAddress: { replaces: true },
      externalAccountBinding: { replaces: true },
    },
    async create(inputs) {
      const accountKeyPem = String(inputs.accountKeyPem ?? newPrivateKeyPem(generatedType(inputs)));
      const email = inputs.emailAddress === undefined ? undefined : String(inputs.emailAddress);
      const account = await acme(() => store.register(thumbprintOf(accountKeyPem), email));
      return {
        id: account.id,
        outputs: { ...DEFAULTS, ...inputs, accountKeyPem, registrationUrl: account.id },
      };
    },
    async read(id, outputs) {
      const account = store.accounts().find((candidate) => candidate.id === id);
      return account?.status === "valid" ? { id, outputs } : undefined;
    },
    async update() {
      throw new Error("a registration is replaced, never updated");
    },
    async delete(id) {
      await acme(() => store.deactivate(id));
    },
  };
}

/** Runs a request and words a refusal as lego does. */
export async function acme<T>(send: () => Promise<T> | T): Promise<T> {
  try {
    return await send();
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    throw new Error(`acme: error: ${error.status} :: ${error.code} :: ${error.message}`);
  }
}

function generatedType(inputs: Properties): string {
  const settings = { ...DEFAULTS, ...inputs };
  return settings.accountKeyAlgorithm === "RSA"
    ? String(settings.accountKeyRsaBits)
    : String(settings.accountKeyEcdsaCurve);
}
