/** The request was not sent, or its answer was not taken, because a rule forbids it: trying again does not help. */
export class OutboundRefused extends Error {
  override readonly name = 'OutboundRefused';

  /** `reason` is public: a sentence that tells nothing about addresses. `cause` is private and only logged. */
  constructor(
    readonly reason: string,
    cause?: unknown,
  ) {
    super(reason, { cause });
  }
}

/** The other side did not answer in time, or not with what was asked for: trying later may help. */
export class OutboundFailed extends Error {
  override readonly name = 'OutboundFailed';

  /** `reason` is public: a sentence that tells nothing about addresses. `cause` is private and only logged. */
  constructor(
    readonly reason: string,
    cause?: unknown,
  ) {
    super(reason, { cause });
  }
}

/** The same words for a name that does not exist and for one of the inner network, which must not be told apart. */
export const NO_ADDRESS = 'The host has no address that may be called.';
