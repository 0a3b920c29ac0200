/**
 * The answer of a handler as a JWT, where its endpoint declares `jwt` beside its body. Whoever signs it has filtered the
 * claims by that body first: what is inside cannot be looked at any more.
 */
export class SignedAnswer {
  constructor(readonly jwt: string) {}
}
