import type autocannon from 'autocannon';
import type { AuthorizedCode, Destination } from '../journeys/journey.ts';
import type { Scenario } from './measure.ts';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

/** A machine's token for one service: client authentication, one signature, one durable event. */
export function clientCredentials(to: Destination): Scenario {
  const { id, secret } = to.clients.admin;
  const form = {
    grant_type: 'client_credentials',
    client_id: id,
    client_secret: secret,
    resource: to.services.authorization.url,
  };
  const body = formBody(form);
  return {
    name: 'client_credentials',
    request: { url: `${to.services.token.url}/oauth/token`, method: 'POST', headers: FORM, body },
  };
}

/** Each connection rotates a refresh token of its own, again and again. */
export function refresh(to: Destination, refreshTokens: readonly string[]): Scenario {
  const { id, secret } = to.clients.demo;
  const unused = [...refreshTokens];
  const setupClient = (client: autocannon.Client) => {
    const present = (token: string) => {
      const form = { grant_type: 'refresh_token', refresh_token: token, client_id: id, client_secret: secret };
      client.setBody(formBody(form));
    };
    present(unused.pop() ?? '');
    client.on('body', (body) => present((JSON.parse(String(body)) as { refresh_token: string }).refresh_token));
  };
  return {
    name: 'refresh',
    request: { url: `${to.services.token.url}/oauth/token`, method: 'POST', headers: FORM, setupClient },
  };
}

/** Each request refreshes another session. */
export function refreshEachOnce(to: Destination, refreshTokens: readonly string[]): Scenario {
  const { id, secret } = to.clients.demo;
  const bodies = refreshTokens.map((token) =>
    formBody({ grant_type: 'refresh_token', refresh_token: token, client_id: id, client_secret: secret }),
  );
  return { name: 'refresh, each of another session', ...eachOnce(`${to.services.token.url}/oauth/token`, bodies) };
}

/** Each request uses a code that was not used before: the first tokens of a grant. */
export function codeExchange(to: Destination, codes: readonly AuthorizedCode[]): Scenario {
  const { id, secret, redirect_uri } = to.clients.demo;
  const common = { grant_type: 'authorization_code', redirect_uri, client_id: id, client_secret: secret };
  const bodies = codes.map(({ code, verifier }) => formBody({ ...common, code, code_verifier: verifier }));
  return { name: 'authorization code', ...eachOnce(`${to.services.token.url}/oauth/token`, bodies) };
}

/** The authorization service asks about one token again and again. */
export function introspectAgain(to: Destination, token: string): Scenario {
  const body = formBody({ token, client_id: to.clients.admin.id, client_secret: to.clients.admin.secret });
  return {
    name: 'introspection, seen before',
    request: { url: `${to.services.token.url}/oauth/introspect`, method: 'POST', headers: FORM, body },
  };
}

/** Every token is a new one, so each has to be verified. */
export function introspectFirst(to: Destination, tokens: readonly string[]): Scenario {
  const { id, secret } = to.clients.admin;
  const bodies = tokens.map((token) => formBody({ token, client_id: id, client_secret: secret }));
  return { name: 'introspection, first time', ...eachOnce(`${to.services.token.url}/oauth/introspect`, bodies) };
}

export const jwks = (to: Destination): Scenario => ({
  name: 'JWKS',
  request: { url: `${to.services.token.url}/oauth/jwks`, method: 'GET' },
});

export const discovery = (to: Destination): Scenario => ({
  name: 'discovery',
  request: { url: `${to.services.token.url}/.well-known/openid-configuration`, method: 'GET' },
});

const formBody = (form: Readonly<Record<string, string>>) => new URLSearchParams(form).toString();

/** Sends each body once, over all connections. */
function eachOnce(url: string, bodies: readonly string[]): Omit<Scenario, 'name'> {
  const unused = [...bodies];
  const setupRequest = (request: autocannon.Request) => ({ ...request, body: unused.pop() ?? '' });
  return { amount: bodies.length, request: { url, method: 'POST', headers: FORM, requests: [{ setupRequest }] } };
}

/** One permission of one user, from the database. */
export function check(
  to: Destination,
  token: string,
  question: { user_id: string; org_id: string; permission: string },
): Scenario {
  return {
    name: 'check',
    request: {
      url: `${to.services.authorization.url}/api/v1/authorization/check`,
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify(question),
    },
  };
}
