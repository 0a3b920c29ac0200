import { problems, type ProblemCode } from '@gatehouse/contracts';

/** One thing that is wrong with a request: where (a JSON pointer into the body, or a parameter's name) and what. */
export type InputError =
  { readonly pointer: string; readonly detail: string } | { readonly parameter: string; readonly detail: string };

export interface ProblemOptions {
  /** Public: sent to the caller. */
  readonly detail?: string;
  /** Private: logged, never sent. */
  readonly cause?: unknown;
  readonly errors?: readonly InputError[];
  /** Sent as `Retry-After`, in whole seconds. */
  readonly retryAfterSeconds?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** RFC 9457 problem details with the request's id as an extension member. */
export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ProblemCode;
  readonly request_id: string;
  readonly detail?: string;
  readonly errors?: readonly InputError[];
}

/**
 * A refusal that the caller may know about. Status and title come from `problems`; `detail` is public text about this
 * occurrence, `cause` is private and only logged.
 *
 * @example throw new Problem('not-found', { cause: new Error(`organisation ${id} belongs to another tenant`) });
 */
export class Problem extends Error {
  override readonly name: string = 'Problem';
  readonly status: number;
  readonly detail: string | undefined;
  readonly errors: readonly InputError[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    readonly code: ProblemCode,
    options: ProblemOptions = {},
  ) {
    super(options.detail ?? problems[code].title, { cause: options.cause });
    this.status = problems[code].status;
    this.detail = options.detail;
    this.errors = options.errors;
    this.headers =
      options.retryAfterSeconds === undefined
        ? (options.headers ?? {})
        : { ...options.headers, 'retry-after': String(Math.ceil(options.retryAfterSeconds)) };
  }

  /** With `expose`, the shape of http-errors: where no filter of ours runs, Nest and Fastify still answer the status. */
  get statusCode(): number {
    return this.status;
  }

  /** The message is public text. */
  get expose(): true {
    return true;
  }

  /** The body as it is sent: nothing of `cause`, nothing of the stack. */
  toBody(requestId: string): ProblemBody {
    return {
      type: `urn:gatehouse:problem:${this.code}`,
      title: problems[this.code].title,
      status: this.status,
      code: this.code,
      request_id: requestId,
      ...(this.detail === undefined ? {} : { detail: this.detail }),
      ...(this.errors === undefined ? {} : { errors: this.errors }),
    };
  }
}
