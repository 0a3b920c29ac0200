export { OAuthError } from './oauth-error.ts';
export type { OAuthErrorOptions } from './oauth-error.ts';
export { Problem } from './problem.ts';
export type { InputError, ProblemBody, ProblemOptions } from './problem.ts';
