import { endpoints } from '../catalog.ts';
import type { Endpoint, EndpointInput, RequiredPermission } from '../define-endpoint.ts';
import type { Service } from '../define-topic.ts';
import { oauthErrorBody, problemBody } from './error-bodies.ts';
import { jsonSchemaOf, type JsonSchema } from './json-schema.ts';
import { errorResponsesOf } from './openapi-errors.ts';
import { contractsVersion } from './version.ts';

/** The OpenAPI 3.1 document of one service. */
export function openApiOf(service: Service) {
  const own = endpoints.filter((endpoint) => endpoint.service === service);
  const paths = Map.groupBy(own, (endpoint) => endpoint.path);
  const pathItem = (group: Endpoint[]) =>
    Object.fromEntries(group.map((endpoint) => [endpoint.method.toLowerCase(), operationOf(endpoint)]));
  return {
    openapi: '3.1.0',
    info: {
      title: `Gatehouse ${service}: HTTP API`,
      version: contractsVersion,
      description: 'Errors are RFC 9457 problems; OAuth endpoints answer as RFC 6749 5.2 says.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    paths: Object.fromEntries([...paths].map(([path, group]) => [path, pathItem(group)])),
    components: {
      schemas: { Problem: jsonSchemaOf(problemBody, 'output'), OAuthError: jsonSchemaOf(oauthErrorBody, 'output') },
      securitySchemes: {
        access_token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'RFC 9068 access token.' },
        client_basic: { type: 'http', scheme: 'basic', description: 'OAuth client id and secret (RFC 6749 2.3.1).' },
      },
    },
  };
}

function operationOf(endpoint: Endpoint) {
  return {
    operationId: endpoint.id,
    summary: endpoint.summary,
    ...(endpoint.description === undefined ? {} : { description: endpoint.description }),
    ...accessOf(endpoint),
    ...authenticationOf(endpoint),
    parameters: parametersOf(endpoint.input),
    ...requestBodyOf(endpoint.input),
    responses: { [String(endpoint.success.status)]: successOf(endpoint), ...errorResponsesOf(endpoint) },
  };
}

function accessOf({ access }: Endpoint): object {
  if (access === 'public') return { security: [] };
  // A client may also authenticate by `client_id` and `client_secret` in the form, or be public: the empty alternative.
  if (access === 'client') return { security: [{ client_basic: [] }, {}] };
  const security = [{ access_token: [] }];
  return access === 'authenticated' ? { security } : { security, 'x-permission': permissionOf(access) };
}

/** RFC 9470 3: by the names of the challenge that a caller gets whose login is not enough. */
function authenticationOf({ authentication }: Endpoint): object {
  if (!authentication) return {};
  const { acrValues, maxAgeSeconds } = authentication;
  return {
    'x-required-authentication': {
      ...(acrValues === undefined ? {} : { acr_values: acrValues }),
      ...(maxAgeSeconds === undefined ? {} : { max_age: maxAgeSeconds }),
    },
  };
}

function permissionOf({ permission, organization, platformPermission }: RequiredPermission): object {
  return {
    name: permission.name,
    organization: organization ?? 'platform',
    ...(platformPermission ? { without_organization: platformPermission.name } : {}),
  };
}

const PLACES = { path: 'path', query: 'query', headers: 'header' } as const;

function parametersOf(input: EndpointInput): object[] {
  return Object.entries(PLACES).flatMap(([part, place]) => {
    const schema = input[part as keyof typeof PLACES];
    if (!schema) return [];
    const { properties = {}, required = [] } = jsonSchemaOf(schema, 'input');
    // OpenAPI ignores a declared `authorization` header: the security schemes speak of it.
    const { authorization: _, ...declared } = properties;
    return Object.entries(declared).map(([name, { description, ...field }]) => ({
      name,
      in: place,
      required: place === 'path' || required.includes(name),
      ...(description === undefined ? {} : { description }),
      schema: field,
    }));
  });
}

function requestBodyOf({ json, form }: EndpointInput): object {
  const body = (mediaType: string, schema: JsonSchema) => ({
    requestBody: { required: true, content: { [mediaType]: { schema } } },
  });
  if (json) return body('application/json', jsonSchemaOf(json, 'input'));
  if (form) return body('application/x-www-form-urlencoded', jsonSchemaOf(form, 'input'));
  return {};
}

function successOf({ summary, success }: Endpoint): object {
  const { body, example, jwt } = success;
  if (body === 'none') return { description: summary };
  if (body === 'html') return { description: summary, content: { 'text/html': { schema: { type: 'string' } } } };
  if (body === 'redirect') {
    const location = { description: 'Where to go.', required: true, schema: { type: 'string', format: 'uri' } };
    return { description: summary, headers: { Location: location } };
  }
  const schema = jsonSchemaOf(body, 'output');
  const content = {
    'application/json': { schema, ...(example === undefined ? {} : { example }) },
    ...(jwt !== undefined && { [jwt]: { schema: { type: 'string' } } }),
  };
  return { description: summary, content };
}
