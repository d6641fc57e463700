/** Requests of the Cloudflare provider: repeated as it repeats them, failing with its text. */
import { STATUS_CODES } from "node:http";
import { PlatformError } from "../store/platformError.ts";
import { type RepeatPolicy, repeat } from "./repeat.ts";

/** Sends a request; `line` is method and path, for example `POST "/zones/…/dns_records"`. */
export type CloudflareCall = <T>(line: string, send: () => Promise<T>) => Promise<T>;

export class CloudflareRequestError extends Error {
  readonly refusal: PlatformError;

  constructor(line: string, refusal: PlatformError) {
    const { status, code, message } = refusal;
    const body = JSON.stringify({
      success: false,
      errors: [{ code: Number(code) || code, message }],
      result: null,
    });
    super(`failed to make http request: ${line}: ${status} ${STATUS_CODES[status] ?? ""} ${body}`);
    this.name = "CloudflareRequestError";
    this.refusal = refusal;
  }
}

export function cloudflareCall(policy: RepeatPolicy): CloudflareCall {
  return async (line, send) => {
    try {
      return await repeat(policy, send);
    } catch (error) {
      throw error instanceof PlatformError ? new CloudflareRequestError(line, error) : error;
    }
  };
}

/** Whether the API said that the object does not exist. */
export function isMissing(error: unknown): boolean {
  return error instanceof CloudflareRequestError && error.refusal.status === 404;
}

/**
 * The owner (zone or account) and the object of an id: `<owner>/<object>` on an import, the bare object id
 * with the owner in state on a refresh.
 * @throws Error when neither gives the owner; `form` says what was expected.
 */
export function importId(id: string, knownOwner: unknown, form: string): { owner: string; object: string } {
  const [owner, object, ...rest] = id.split("/");
  if (owner && object && rest.length === 0) return { owner, object };
  if (typeof knownOwner !== "string")
    throw new Error(`invalid ID "${id}": expected urlencoded segments ${form}`);
  return { owner: knownOwner, object: id };
}
