/** A refusal or a failure as a platform's API reports it. */
export class PlatformError extends Error {
  /** HTTP status of the answer. */
  readonly status: number;
  /** The platform's own code, for example `81058` or `InvalidChangeBatch`. */
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = "PlatformError";
    this.status = status;
    this.code = code;
  }

  /** Whether the real providers repeat the request: throttled, or failed on the platform's side. */
  get repeatable(): boolean {
    return this.status === 429 || this.status >= 500;
  }
}
