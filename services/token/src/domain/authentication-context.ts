/** How a person proved who they are, as ID tokens and sessions say it. */
export interface AuthenticationContext {
  readonly acr: string;
  /** RFC 8176. */
  readonly amr: readonly string[];
}

/** OIDC Core 2: one factor that the person knows. */
export const passwordContext: AuthenticationContext = { acr: 'urn:gatehouse:acr:password', amr: ['pwd'] };

/** What `acr_values` may ask for, weakest first. */
export const supportedAcrValues: readonly string[] = [passwordContext.acr];
