/** The error codes of RFC 9449 5 and 8. */
export type DpopErrorCode = 'invalid_dpop_proof' | 'use_dpop_nonce';

/** A proof that is not accepted. `reason` is public: a sentence, without quotes; `cause` is private. */
export class DpopRefused extends Error {
  override readonly name = 'DpopRefused';
  readonly code: DpopErrorCode;

  constructor(
    readonly reason: string,
    { code = 'invalid_dpop_proof', cause }: { readonly code?: DpopErrorCode; readonly cause?: unknown } = {},
  ) {
    super(reason, { cause });
    this.code = code;
  }
}
