/** Requests of the AWS provider: repeated as its SDK repeats them, failing with its text. */
import { PlatformError } from "../store/platformError.ts";
import { type RepeatPolicy, repeat } from "./repeat.ts";

/** Sends a request; `operation` is the API's own name, `doing` what the provider says it was doing. */
export type AwsCall = <T>(doing: string, operation: string, send: () => Promise<T>) => Promise<T>;

export class AwsRequestError extends Error {
  readonly refusal: PlatformError;

  constructor(doing: string, operation: string, refusal: PlatformError) {
    const { status, code, message } = refusal;
    super(
      `${doing}: operation error Route 53: ${operation}, https response error StatusCode: ${status}, ${code}: ${message}`,
    );
    this.name = "AwsRequestError";
    this.refusal = refusal;
  }
}

export function awsCall(policy: RepeatPolicy): AwsCall {
  return async (doing, operation, send) => {
    try {
      return await repeat(policy, send);
    } catch (error) {
      throw error instanceof PlatformError ? new AwsRequestError(doing, operation, error) : error;
    }
  };
}

/** Whether the service refused with this code. */
export function isRefusal(error: unknown, code: string): boolean {
  return error instanceof AwsRequestError && error.refusal.code === code;
}
