import { defineTopic, defineTopicFamily } from './define-topic.ts';

const HOUR_MS = 3_600_000;

/** Accounts and their logins; key = account id, so that one account's history is in order. */
export const accounts = defineTopic({
  name: 'token.accounts',
  summary: 'Accounts: registered, verified, logged in, refused.',
  producers: ['token'],
});

/** Grants and tokens: issued, refreshed, refused. Key = grant id, or the event's own id for facts. */
export const tokens = defineTopic({
  name: 'token.tokens',
  summary: 'Grants and tokens: issued, refreshed, refused.',
  producers: ['token'],
});

/** OAuth clients; key = client id. Every instance of the token service follows them, to forget what it remembers. */
export const clients = defineTopic({
  name: 'token.clients',
  summary: 'OAuth clients: registered, changed, disabled, removed, and their secrets.',
  producers: ['token'],
  followers: ['token'],
});

/** Whose assertions are a grant (RFC 7523); key = trusted issuer id. */
export const trustedIssuers = defineTopic({
  name: 'token.trusted-issuers',
  summary: 'Issuers of workload identities: added, changed, removed.',
  producers: ['token'],
});

/** What tokens can be issued for; key = the resource's name. Every instance of the token service follows them. */
export const resources = defineTopic({
  name: 'token.resources',
  summary: 'Services that tokens can be issued for: added, changed, removed.',
  producers: ['token'],
  followers: ['token'],
});

/**
 * What an instance of the token service may no longer remember of a login; key = account id. Short-lived and not audited,
 * since logins and logouts are events of their own on `token.accounts`.
 */
export const sessionChanges = defineTopic({
  name: 'token.sessions',
  summary: 'Sessions of browsers that changed or ended; every instance of the token service forgets them.',
  retentionMs: HOUR_MS,
  segmentMs: HOUR_MS,
  producers: ['token'],
  followers: ['token'],
  audited: false,
});

/** Revocations, compacted by their own identity (`grant:ID`, `jti:ID`); every instance of every service follows them. */
export const tokenRevocations = defineTopic({
  name: 'token.revocations',
  summary: 'Tokens that stopped being valid before their expiry.',
  cleanup: 'compact',
  retentionMs: -1,
  minCompactionLagMs: 14 * 24 * HOUR_MS,
  producers: ['token'],
  followers: ['token', 'authorization', 'audit-log', 'email-verification'],
});

/** Signing keys; one key for all of them, so that their history is in order. Every instance re-reads its keys by it. */
export const signingKeys = defineTopic({
  name: 'token.keys',
  summary: 'Signing keys: created, activated, retired, removed, revoked.',
  partitions: 1,
  producers: ['token'],
  followers: ['token'],
});

/** Organisations, roles, memberships and grants; key = organisation id. */
export const organizations = defineTopic({
  name: 'authorization.organizations',
  summary: 'Organisations with their roles, memberships and grants.',
  producers: ['authorization'],
});

/** Commands to send mail: the only topic on which an e-mail address travels. */
export const emailCommands = defineTopic({
  name: 'email-verification.commands',
  summary: 'Commands to send a mail; carries addresses, so it is short-lived and not audited.',
  retentionMs: 24 * HOUR_MS,
  segmentMs: HOUR_MS,
  producers: ['token'],
  consumers: ['email-verification'],
  audited: false,
});

/** What became of verifications; key = account id. */
export const emailVerifications = defineTopic({
  name: 'email-verification.verifications',
  summary: 'Verifications: sent, confirmed, failed.',
  producers: ['email-verification'],
  consumers: ['token'],
});

/** Sealed audit entries for auditors; key = log id. Never audited itself. */
export const auditEntries = defineTopic({
  name: 'audit.entries',
  summary: 'Sealed audit entries, in order per log.',
  retentionMs: -1,
  producers: ['audit-log'],
  audited: false,
});

/** Refusals that each service enforced: authenticated 403s and aggregated anonymous refusals. */
export const denials = defineTopicFamily('denials', { summary: 'Requests that the service refused.' });

/** What operators did with the service's tools. */
export const operations = defineTopicFamily('operations', {
  summary: 'Actions of operators, such as replaying dead letters.',
});

/** Copies of messages that a consumer of the service has parked, for other tools; the truth is in its database. */
export const deadLetters = defineTopicFamily('dead-letters', { summary: 'Copies of parked messages.', audited: false });
