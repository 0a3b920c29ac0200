declare module 'oidc-provider' {
  import type { RequestListener } from 'node:http';

  /** As much of the reference server as is used here. */
  export default class Provider {
    constructor(issuer: string, configuration: object);
    callback(): RequestListener;
  }

  export const errors: { readonly InvalidTarget: new () => Error };
}
