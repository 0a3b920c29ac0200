/** Who a verified access token speaks for. */
export interface Principal {
  /** `client` where the token was issued to the client itself (`sub` equals `client_id`), else `account`. */
  readonly kind: 'account' | 'client';
  /** Account id, or client id where the client acts for itself. */
  readonly id: string;
  readonly clientId: string;
  readonly scope: readonly string[];
  /** The grant that the token came from; absent for client_credentials. */
  readonly grantId?: string;
  readonly sessionId?: string;
  /** Of the subject and of the client, as read when the token was made; 0 where the token names none. */
  readonly subjectVersion?: number;
  readonly clientVersion?: number;
  /** The `cnf` claim (RFC 7800): what the token is bound to, proven for this request; absent for a bearer token. */
  readonly confirmation?: Readonly<Record<string, unknown>>;
  /** What the token allows in detail (RFC 9396 9.1), each as its type says; absent where it allows nothing so. */
  readonly authorizationDetails?: readonly (Readonly<Record<string, unknown>> & { readonly type: string })[];
  /** How the person logged in that the token came from (RFC 9068 2.2.1); absent where nobody did. */
  readonly acr?: string;
  /** When, in seconds since the epoch. */
  readonly authenticatedAt?: number;
  readonly jti: string;
  /** Seconds since the epoch, as in the token. */
  readonly issuedAt: number;
  /** Seconds since the epoch, as in the token. */
  readonly expiresAt: number;
}
