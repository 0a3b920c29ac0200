import { generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import * as openid from 'openid-client';
import { Browser } from '../journeys/browser.ts';
import { ProofKey, seconds, type JwtChanges } from './proof-key.ts';
import type { Provider } from './provider.ts';
import { CALLBACK, followPages, type Answer } from './relying-party.ts';

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
type Form = Readonly<Record<string, string | undefined>>;

/** What a module does differently in one request. */
export interface Differences {
  readonly method?: string;
  /** `false` sends none. */
  readonly assertion?: JwtChanges | false;
  /** `false` sends none; a key sends one of this other key. */
  readonly proof?: JwtChanges | ProofKey | false;
}

export interface Pushed {
  readonly request_uri: string;
  readonly verifier: string;
  readonly state: string;
}

/** A client of the FAPI 2.0 Security Profile with private_key_jwt and DPoP, as the certification suite plays it. */
export class FapiClient {
  private constructor(
    private readonly provider: Provider,
    readonly id: string,
    private readonly privateKey: KeyObject,
    private readonly algorithm: 'ES256' | 'PS256',
    readonly proofKey: ProofKey,
  ) {}

  /** Registered by an administrator, since the profile is what an operator decides. */
  static async register(provider: Provider, algorithm: 'ES256' | 'PS256' = 'ES256'): Promise<FapiClient> {
    const { privateKey, publicKey } =
      algorithm === 'ES256'
        ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
        : generateKeyPairSync('rsa', { modulusLength: 2_048 });
    const jwk = { ...publicKey.export({ format: 'jwk' }), kid: randomUUID(), use: 'sig' };
    const metadata = {
      redirect_uris: [CALLBACK],
      grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: 'private_key_jwt',
      scope: 'openid email profile offline_access',
      jwks: { keys: [jwk] },
    };
    const id = await provider.registerClient({ metadata, policy: { security_profile: 'fapi2' } });
    return new FapiClient(provider, id, privateKey, algorithm, await ProofKey.make());
  }

  /** The same client in a certified library. */
  async library(): Promise<{ configuration: openid.Configuration; DPoP: openid.DPoPHandle }> {
    const execute = [openid.allowInsecureRequests];
    const { algorithm } = this;
    const imported =
      algorithm === 'ES256' ? { name: 'ECDSA', namedCurve: 'P-256' } : { name: 'RSA-PSS', hash: 'SHA-256' };
    const method = openid.PrivateKeyJwt(this.privateKey.toCryptoKey(imported, false, ['sign']));
    const configuration = await openid.discovery(new URL(this.provider.issuer), this.id, {}, method, { execute });
    const DPoP = openid.getDPoPHandle(configuration, await openid.randomDPoPKeyPair('ES256'));
    return { configuration, DPoP };
  }

  /** `redirect_uri`, PKCE, state and nonce are there unless a parameter is changed to undefined. */
  async push(
    parameters: Form = {},
    differences: Differences = { proof: false },
  ): Promise<Response & Omit<Pushed, 'request_uri'>> {
    const verifier = openid.randomPKCECodeVerifier();
    const state = parameters['state'] ?? openid.randomState();
    const form = {
      response_type: 'code',
      client_id: this.id,
      redirect_uri: CALLBACK,
      scope: 'openid',
      state,
      nonce: openid.randomNonce(),
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...parameters,
    };
    return Object.assign(await this.send('/oauth/par', form, differences), { verifier, state });
  }

  async pushed(parameters: Form = {}, differences?: Differences): Promise<Pushed> {
    const response = await this.push(parameters, differences);
    if (response.status !== 201) throw new Error(`${response.status}: ${await response.text()}`);
    const { request_uri } = (await response.json()) as { request_uri: string };
    return { request_uri, verifier: response.verifier, state: response.state };
  }

  /** Opens a pushed request in a browser and goes through the pages. */
  async open(
    { request_uri, state }: Pick<Pushed, 'request_uri' | 'state'>,
    {
      browser = new Browser(),
      beside = {},
      decision,
    }: { browser?: Browser; beside?: Record<string, string>; decision?: 'allow' | 'deny' } = {},
  ): Promise<Answer> {
    const query = new URLSearchParams({ client_id: this.id, request_uri, ...beside });
    const first = await browser.get(`${this.provider.issuer}/oauth/authorize?${query.toString()}`);
    return { ...(await followPages(this.provider, first, browser, decision)), state, nonce: '' };
  }

  /** A code with what its exchange needs. */
  async code(parameters: Form = {}, differences?: Differences): Promise<{ code: string; verifier: string }> {
    const pushed = await this.pushed(parameters, differences);
    const answer = await this.open(pushed);
    const code = answer.parameters.get('code');
    if (code === null) throw new Error(`there was no code: ${answer.parameters.toString()}`);
    return { code, verifier: pushed.verifier };
  }

  exchange(
    { code, verifier }: { code: string; verifier: string },
    changes: Form = {},
    differences: Differences = {},
  ): Promise<Response> {
    const form = {
      grant_type: 'authorization_code',
      code,
      redirect_uri: CALLBACK,
      code_verifier: verifier,
      ...changes,
    };
    return this.send('/oauth/token', form, differences);
  }

  refresh(refreshToken: string, differences: Differences = {}): Promise<Response> {
    return this.send('/oauth/token', { grant_type: 'refresh_token', refresh_token: refreshToken }, differences);
  }

  async tokens(parameters: Form = {}): Promise<FapiTokens> {
    const response = await this.exchange(await this.code(parameters));
    if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`);
    return (await response.json()) as FapiTokens;
  }

  /** Asks a protected resource, the userinfo endpoint, with a token and its proof. */
  async resource(
    accessToken: string,
    { scheme = 'DPoP', proof }: { scheme?: string; proof?: Differences['proof'] } = {},
  ): Promise<Response> {
    const url = `${this.provider.issuer}/oauth/userinfo`;
    return this.withNonce(proof, async () => {
      const headers = {
        authorization: `${scheme} ${accessToken}`,
        ...(await this.dpop(url, 'GET', proof, accessToken)),
      };
      return fetch(url, { headers });
    });
  }

  /** A client assertion that is good unless it is changed. */
  async assertion({ claims, header, spoil = (jwt) => jwt }: JwtChanges = {}): Promise<string> {
    const now = seconds();
    const good = { iss: this.id, sub: this.id, aud: this.provider.issuer, jti: randomUUID(), iat: now, exp: now + 60 };
    const jwt = await new SignJWT({ ...good, ...claims })
      .setProtectedHeader({ alg: this.algorithm, ...header })
      .sign(this.privateKey);
    return spoil(jwt);
  }

  private send(path: string, form: Form, { method = 'POST', assertion, proof }: Differences): Promise<Response> {
    const url = `${this.provider.issuer}${path}`;
    return this.withNonce(proof, async () => {
      const credentials =
        assertion === false
          ? {}
          : { client_assertion_type: ASSERTION_TYPE, client_assertion: await this.assertion(assertion) };
      const given = Object.entries({ ...form, ...credentials }).filter((entry): entry is [string, string] => entry[1] !== undefined); // prettier-ignore
      return fetch(url, { method, headers: await this.dpop(url, method, proof), body: new URLSearchParams(given) });
    });
  }

  private async dpop(
    htu: string,
    htm: string,
    proof: Differences['proof'],
    accessToken?: string,
  ): Promise<Record<string, string>> {
    if (proof === false) return {};
    if (proof instanceof ProofKey) return { dpop: await proof.proof({ htm, htu, accessToken }) };
    return { dpop: await this.proofKey.proof({ htm, htu, accessToken }, proof) };
  }

  /** Once more with the nonce of the server, where it asks for one (RFC 9449 8). */
  private async withNonce(proof: Differences['proof'], send: () => Promise<Response>): Promise<Response> {
    const first = await send();
    const nonce = first.headers.get('dpop-nonce');
    if (nonce === null || proof === false) return first;
    const key = proof instanceof ProofKey ? proof : this.proofKey;
    const asked = key.nonce === undefined && (first.status === 400 || first.status === 401);
    key.nonce = nonce;
    return asked ? send() : first;
  }
}

export interface FapiTokens {
  readonly access_token: string;
  readonly token_type: string;
  readonly refresh_token: string;
  readonly id_token: string;
  readonly expires_in: number;
  readonly scope: string;
}

/** The error of an answer of RFC 6749 5.2, with its status. */
export async function errorOf(response: Response): Promise<[status: number, error: string]> {
  return [response.status, ((await response.json()) as { error: string }).error];
}
