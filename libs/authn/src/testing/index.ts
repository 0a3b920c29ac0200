export { TestIssuer } from './test-issuer.ts';
export type { TokenOptions } from './test-issuer.ts';
