/** One entry of the error envelope's `validations`. */
export interface Validation {
  field: string;
  detail: string;
}

/** An answer other than success, thrown by handlers and written by the pipeline as Coder's error envelope. */
export class ApiError extends Error {
  readonly status: number;
  readonly detail: string | undefined;
  readonly validations: Validation[] | undefined;
  readonly headers: Record<string, string>;

  constructor(
    status: number,
    message: string,
    more: { detail?: string; validations?: Validation[]; headers?: Record<string, string> } = {},
  ) {
    super(message);
    this.status = status;
    this.detail = more.detail;
    this.validations = more.validations;
    this.headers = more.headers ?? {};
  }

  /** `{message, detail?, validations?}`: absent keys are left out, as the server does. */
  envelope(): Record<string, unknown> {
    return {
      message: this.message,
      ...(this.detail === undefined ? {} : { detail: this.detail }),
      ...(this.validations === undefined ? {} : { validations: this.validations }),
    };
  }
}

/** An HTML error page instead of the envelope: what terminal and app routes answer to a person's browser. */
export class PageError extends Error {
  readonly status: number;
  readonly title: string;
  readonly warnings: string[];

  constructor(status: number, title: string, description: string, warnings: string[] = []) {
    super(description);
    this.status = status;
    this.title = title;
    this.warnings = warnings;
  }
}

export function notFound(): ApiError {
  return new ApiError(404, "Resource not found or you do not have access to this resource");
}

export function forbidden(): ApiError {
  return new ApiError(403, "Forbidden.", {
    detail:
      "You don't have permission to view this content. If you believe this is a mistake, please contact your administrator or try signing in with different credentials.",
  });
}

export function validationFailed(validations: Validation[], message = "Validation failed."): ApiError {
  return new ApiError(400, message, { validations });
}

/** The wording of Go's validator for one field that broke one rule. */
export function brokenRule(field: string, tag: string, value: string): Validation {
  return { field, detail: `Validation failed for tag "${tag}" with value: "${value}"` };
}
