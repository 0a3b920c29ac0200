interface Difference {
  /** Each field as [Gatehouse, oidc-provider]. */
  readonly fields: Readonly<Record<string, readonly [unknown, unknown]>>;
  readonly reason: string;
}

/** Where Gatehouse answers otherwise than oidc-provider, and why. */
export const differences: Readonly<Record<string, Difference>> = {};
