import { createHash, randomBytes } from 'node:crypto';
import { Browser } from '../journeys/browser.ts';
import { CALLBACK, RelyingParty } from '../conformance/relying-party.ts';
import { observe, observeAnswer, observeJwt, type Observation } from './observation.ts';
import type { Side } from './reference.ts';

type Fields = Readonly<Record<string, string | undefined>>;
type Run = (side: Side) => Promise<Observation>;

interface PostOptions {
  /** `id:secret`; empty for none. */
  readonly credentials?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One client at one server, and the raw requests of the cases. */
class Client {
  private constructor(
    readonly side: Side,
    readonly party: RelyingParty,
    readonly verifier: string,
  ) {}

  static async at(side: Side, metadata: Parameters<typeof RelyingParty.register>[1] = {}): Promise<Client> {
    return new Client(side, await RelyingParty.register(side, metadata), randomBytes(32).toString('base64url'));
  }

  get id(): string {
    return this.party.metadata.client_id;
  }

  get secret(): string {
    return String(this.party.metadata.client_secret);
  }

  /** What RFC 7636 adds to an authorization request. */
  get pkce() {
    const challenge = createHash('sha256').update(this.verifier).digest('base64url');
    return { code_challenge: challenge, code_challenge_method: 'S256' };
  }

  async code(changes: Fields = {}): Promise<string> {
    return (await this.party.authorize({ ...this.pkce, ...changes })).parameters.get('code') ?? 'none';
  }

  post(
    endpoint: string,
    fields: Fields | URLSearchParams,
    { credentials = `${this.id}:${this.secret}`, headers = {} }: PostOptions = {},
  ): Promise<Response> {
    const given = Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined);
    const authorization = `Basic ${Buffer.from(credentials).toString('base64')}`;
    return fetch(this.party.server[endpoint] as string, {
      method: 'POST',
      headers: { ...headers, ...(credentials !== '' && { authorization }) },
      body: fields instanceof URLSearchParams ? fields : new URLSearchParams(given),
    });
  }

  token(fields: Fields | URLSearchParams, options: PostOptions = {}): Promise<Response> {
    return this.post('token_endpoint', fields, options);
  }

  exchange(code: string, changes: Fields = {}): Promise<Response> {
    const fields = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: this.verifier };
    return this.token({ ...fields, ...changes });
  }

  async tokens(changes: Fields = {}): Promise<Record<string, string>> {
    return (await (await this.exchange(await this.code(changes))).json()) as Record<string, string>;
  }
}

const OFFLINE = { scope: 'openid offline_access', prompt: 'consent' };
const machine = { grant_types: ['client_credentials'], redirect_uris: [], response_types: [] };
const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
const device = { grant_types: [DEVICE_GRANT], redirect_uris: [], response_types: [] };
const publicClient = { token_endpoint_auth_method: 'none' };

const authorize =
  (changes: Fields | ((client: Client) => Fields), metadata = {}): Run =>
  async (side) => {
    const client = await Client.at(side, metadata);
    const changed = typeof changes === 'function' ? changes(client) : changes;
    return observeAnswer(await client.party.authorize({ ...client.pkce, ...changed }));
  };
const token =
  (run: (client: Client) => Promise<Response>, metadata = {}): Run =>
  async (side) =>
    observe(await run(await Client.at(side, metadata)));

/** At the authorization endpoint (RFC 6749 4.1.1, OIDC Core 3.1.2, RFC 7636). */
const authorization: Record<string, Run> = {
  'a login with PKCE is answered at the client': authorize({}),
  'an unknown client is told on a page': authorize({ client_id: 'nobody' }),
  'a redirect URI that is not registered is told on a page': authorize({ redirect_uri: 'https://evil.example/' }),
  'a redirect URI with a longer path is told on a page': authorize({ redirect_uri: `${CALLBACK}/more` }),
  'a redirect URI with a query is told on a page': authorize({ redirect_uri: `${CALLBACK}?x=1` }),
  'a request without response_type': authorize({ response_type: undefined }),
  'the implicit flow': authorize({ response_type: 'token' }),
  'the hybrid flow': authorize({ response_type: 'code id_token' }),
  'an unknown response_type': authorize({ response_type: 'secret' }),
  'an unknown response_mode': authorize({ response_mode: 'carrier_pigeon' }),
  'response mode fragment': authorize({ response_mode: 'fragment' }),
  'response mode form_post': authorize({ response_mode: 'form_post' }),
  'a public client without PKCE': authorize(
    { code_challenge: undefined, code_challenge_method: undefined },
    publicClient,
  ),
  'PKCE by the plain method': authorize({ code_challenge_method: 'plain' }),
  'PKCE without a method': authorize({ code_challenge_method: undefined }),
  'a code_challenge that is too short': authorize({ code_challenge: 'short' }),
  'prompt=none without a session': authorize({ prompt: 'none' }),
  'prompt=none with another prompt': authorize({ prompt: 'none login' }),
  'an unknown prompt': authorize({ prompt: 'dance' }),
  'a max_age that is no number': authorize({ max_age: 'soon' }),
  'a claims parameter that is no JSON': authorize({ claims: '{' }),
  'an id_token_hint that is no JWT': authorize({ id_token_hint: 'x' }),
  'a request object that is no JWT': authorize({ request: 'x' }),
  'a request_uri that was never pushed': authorize({ request_uri: 'urn:ietf:params:oauth:request_uri:never' }),
  'an unknown parameter is ignored': authorize({ colour: 'blue' }),
  'a resource that is not known': authorize({ resource: 'https://nobody.example' }),
  'a second login in the same browser needs no page': async (side) => {
    const client = await Client.at(side);
    const browser = new Browser();
    await client.party.authorize(client.pkce, { browser });
    const again = await client.party.authorize({ ...client.pkce, prompt: 'none' }, { browser });
    return { ...observeAnswer(again), pages: again.pages.length };
  },
  'a parameter that is repeated at the authorization endpoint': async (side) => {
    const { party, pkce } = await Client.at(side);
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: party.metadata.client_id,
      redirect_uri: CALLBACK,
      scope: 'openid',
      ...pkce,
    });
    query.append('scope', 'openid');
    const response = await new Browser().get(`${String(party.server.authorization_endpoint)}?${query.toString()}`);
    const location = response.headers.get('location');
    return { at: location?.startsWith(CALLBACK) ? 'client' : 'page', status: response.status };
  },
};

/** At the token endpoint (RFC 6749 5.2, RFC 7636 4.6, RFC 8707). */
const tokens: Record<string, Run> = {
  'an exchange of a code': token(async (client) => client.exchange(await client.code())),
  'an exchange with offline_access': token(async (client) => client.exchange(await client.code(OFFLINE))),
  'an exchange by a public client': token(
    async (client) => client.post('token_endpoint', { ...exchangeOf(client, await client.code()), client_id: client.id }, { credentials: '' }), // prettier-ignore
    publicClient,
  ),
  'no grant_type': token((client) => client.token({})),
  'an unknown grant_type': token((client) => client.token({ grant_type: 'magic' })),
  'the password grant': token((client) => client.token({ grant_type: 'password', username: 'a', password: 'b' })),
  'a wrong secret': token((client) =>
    client.token({ grant_type: 'authorization_code', code: 'x' }, { credentials: `${client.id}:wrong` }),
  ),
  'an unknown client at the token endpoint': token((client) =>
    client.token({ grant_type: 'authorization_code', code: 'x' }, { credentials: 'nobody:wrong' }),
  ),
  'no client authentication': token((client) =>
    client.token({ grant_type: 'client_credentials' }, { credentials: '' }),
  ),
  'two methods of client authentication': token((client) =>
    client.token({ grant_type: 'authorization_code', code: 'x', client_id: client.id, client_secret: client.secret }),
  ),
  'a confidential client that shows only its id': token(async (client) =>
    client.token({ ...exchangeOf(client, await client.code()), client_id: client.id }, { credentials: '' }),
  ),
  'no code': token((client) => client.exchange('', { code: undefined })),
  'an unknown code': token((client) => client.exchange('unknown')),
  'a code with another redirect URI': token(async (client) =>
    client.exchange(await client.code(), { redirect_uri: 'https://rp.example/other' }),
  ),
  'a code without its redirect URI': token(async (client) =>
    client.exchange(await client.code(), { redirect_uri: undefined }),
  ),
  'a code with a wrong verifier': token(async (client) =>
    client.exchange(await client.code(), { code_verifier: 'w'.repeat(43) }),
  ),
  'a code without its verifier': token(async (client) =>
    client.exchange(await client.code(), { code_verifier: undefined }),
  ),
  'a code of another client': async (side) => {
    const [one, other] = [await Client.at(side), await Client.at(side)];
    return observe(await other.exchange(await one.code(), { code_verifier: one.verifier }));
  },
  'a code that was used': token(async (client) => {
    const code = await client.code();
    await client.exchange(code);
    return client.exchange(code);
  }),
  'a code for a resource that is not known': token(async (client) =>
    client.exchange(await client.code(), { resource: 'https://nobody.example' }),
  ),
  'a grant that the client is not registered for': token((client) =>
    client.token({ grant_type: 'client_credentials' }),
  ),
  client_credentials: token(
    (client) => client.token({ grant_type: 'client_credentials', resource: client.side.resource }),
    machine,
  ),
  'client_credentials for a resource that is not known': token(
    (client) => client.token({ grant_type: 'client_credentials', resource: 'https://nobody.example' }),
    machine,
  ),
  'client_credentials with a scope of a person': token(
    (client) => client.token({ grant_type: 'client_credentials', scope: 'nonsense', resource: client.side.resource }),
    machine,
  ),
  'a refresh': token(async (client) => client.token(refreshOf(await client.tokens(OFFLINE)))),
  'a refresh with less scope': token(async (client) =>
    client.token({ ...refreshOf(await client.tokens(OFFLINE)), scope: 'openid' }),
  ),
  'a refresh with more scope': token(async (client) =>
    client.token({ ...refreshOf(await client.tokens(OFFLINE)), scope: 'openid email' }),
  ),
  'an unknown refresh token': token((client) => client.token(refreshOf({ refresh_token: 'unknown' }))),
  'no refresh token': token((client) => client.token({ grant_type: 'refresh_token' })),
  'a refresh token of another client': async (side) => {
    const [one, other] = [await Client.at(side), await Client.at(side)];
    return observe(await other.token(refreshOf(await one.tokens(OFFLINE))));
  },
  'a refresh token that was replaced, and its successor used': token(async (client) => {
    const first = refreshOf(await client.tokens(OFFLINE));
    const second = refreshOf((await (await client.token(first)).json()) as Record<string, string>);
    await client.token(second);
    return client.token(first);
  }),
  'a body of JSON': token((client) =>
    fetch(String(client.party.server.token_endpoint), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"grant_type":"client_credentials"}',
    }),
  ),
  'a repeated parameter': token((client) =>
    client.token(new URLSearchParams('grant_type=refresh_token&grant_type=refresh_token&refresh_token=x')),
  ),
  'a proof of possession that is no JWT': token(async (client) =>
    client.token(exchangeOf(client, await client.code()), { headers: { dpop: 'x' } }),
  ),
};

/** What tokens say (OIDC Core 2, RFC 9068), and what resource servers and clients are told of them. */
const documents: Record<string, Run> = {
  'the claims of an ID token': async (side) => observeJwt((await (await Client.at(side)).tokens())['id_token'] ?? ''),
  'the claims of an access token': async (side) => {
    const client = await Client.at(side);
    return observeJwt((await client.tokens({ resource: side.resource }))['access_token'] ?? '');
  },
  'the claims of a machine’s access token': async (side) => {
    const client = await Client.at(side, machine);
    const response = await client.token({ grant_type: 'client_credentials', resource: side.resource });
    return observeJwt(((await response.json()) as { access_token: string }).access_token);
  },
  'userinfo without a token': async (side) =>
    observe(await fetch(String((await Client.at(side)).party.server.userinfo_endpoint))),
  'userinfo with nonsense': async (side) => {
    const { party } = await Client.at(side);
    return observe(await fetch(String(party.server.userinfo_endpoint), { headers: { authorization: 'Bearer x' } }));
  },
  'introspection of an unknown token': token((client) => client.post('introspection_endpoint', { token: 'unknown' })),
  'introspection without a token': token((client) => client.post('introspection_endpoint', {})),
  'introspection by nobody': token((client) =>
    client.post('introspection_endpoint', { token: 'unknown' }, { credentials: '' }),
  ),
  'introspection of a refresh token by its client': token(async (client) => {
    const { refresh_token } = await client.tokens(OFFLINE);
    return client.post('introspection_endpoint', { token: refresh_token });
  }),
  'revocation of an unknown token': token((client) => client.post('revocation_endpoint', { token: 'unknown' })),
  'revocation without a token': token((client) => client.post('revocation_endpoint', {})),
  'a refresh after its revocation': token(async (client) => {
    const { refresh_token } = await client.tokens(OFFLINE);
    await client.post('revocation_endpoint', { token: refresh_token });
    return client.token(refreshOf({ refresh_token: refresh_token ?? '' }));
  }),
};

/** Pushed requests (RFC 9126), devices (RFC 8628) and registration (RFC 7591). */
const extensions: Record<string, Run> = {
  'a pushed request': token((client) => client.post('pushed_authorization_request_endpoint', pushedOf(client))),
  'a pushed request with a redirect URI that is not registered': token((client) =>
    client.post('pushed_authorization_request_endpoint', { ...pushedOf(client), redirect_uri: 'https://evil.example' }),
  ),
  'a pushed request that names another': token((client) =>
    client.post('pushed_authorization_request_endpoint', { ...pushedOf(client), request_uri: 'urn:x' }),
  ),
  'a pushed request by nobody': token((client) =>
    client.post('pushed_authorization_request_endpoint', pushedOf(client), { credentials: `${client.id}:wrong` }),
  ),
  'a pushed request is used up by its answer': async (side) => {
    const client = await Client.at(side);
    const response = await client.post('pushed_authorization_request_endpoint', pushedOf(client));
    const { request_uri } = (await response.json()) as { request_uri: string };
    await client.party.authorize({ request_uri });
    return observeAnswer(await client.party.authorize({ request_uri }));
  },
  'a device asks for a code': token(
    (client) => client.post('device_authorization_endpoint', { scope: 'openid' }),
    device,
  ),
  'a device asks too early': token(async (client) => {
    const response = await client.post('device_authorization_endpoint', { scope: 'openid' });
    const { device_code } = (await response.json()) as { device_code: string };
    return client.token({ grant_type: DEVICE_GRANT, device_code });
  }, device),
  'an unknown device code': token(
    (client) => client.token({ grant_type: DEVICE_GRANT, device_code: 'unknown' }),
    device,
  ),
  'a registration without redirect URIs': register({ redirect_uris: [] }),
  'a registration of a redirect URI with a fragment': register({ redirect_uris: ['https://rp.example/#x'] }),
  'a registration of a redirect URI that is no URL': register({ redirect_uris: ['nowhere'] }),
  'a registration for an unknown method': register({ token_endpoint_auth_method: 'handshake' }),
  'a registration for an unknown grant': register({ grant_types: ['magic'] }),
  'a registration with keys at two places': register({ jwks_uri: 'https://rp.example/jwks', jwks: { keys: [] } }),
  'a registration that is no object': async (side) => {
    const { party } = await Client.at(side);
    const headers = { 'content-type': 'application/json' };
    return observe(await fetch(String(party.server.registration_endpoint), { method: 'POST', headers, body: '[]' }));
  },
};

function exchangeOf(client: Client, code: string) {
  return { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: client.verifier };
}

function refreshOf({ refresh_token = '' }: Readonly<Record<string, string>>) {
  return { grant_type: 'refresh_token', refresh_token };
}

function pushedOf(client: Client): Fields {
  return { response_type: 'code', client_id: client.id, redirect_uri: CALLBACK, scope: 'openid', ...client.pkce };
}

function register(metadata: object): Run {
  return async (side) => {
    const { party } = await Client.at(side);
    const wanted = { redirect_uris: [CALLBACK], ...metadata };
    const response = await fetch(String(party.server.registration_endpoint), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(wanted),
    });
    const { stored: _, members: __, ...told } = await observe(response);
    return told;
  };
}

/** Each case is one request, or one short story, played at both servers. */
export const cases: ReadonlyMap<string, Run> = new Map(
  Object.entries({ ...authorization, ...tokens, ...documents, ...extensions }),
);
