import { z } from 'zod';
import { environment } from './environment.ts';
import { setting, settings } from './settings.ts';
import { baseUrl, durationMs, integer, isLoopback, issuerUrl, listOf, network, port } from './types.ts';

const levels = ['trace', 'debug', 'info', 'warn', 'warning', 'error', 'fatal'] as const;

/** `WARNING` and `warn` are the same level; the value is the logger's own name for it. */
const logLevel = () =>
  z
    .string()
    .toLowerCase()
    .pipe(z.enum(levels, { error: 'must be trace, debug, info, warning, error or fatal' }))
    .transform((level) => (level === 'warning' ? 'warn' : level));

const KIB = 1_024;

/** TLS of the service's own, and where the certificates of clients come from (RFC 8705, RFC 9440). */
const clientCertificateSettings = {
  TLS_PORT: setting(port().optional(), {
    example: '4443',
    description: 'Port of the API over TLS, where clients are asked for a certificate; none unless set.',
  }),
  TLS_CERT_FILE: setting(z.string().optional(), {
    example: '/etc/gatehouse/tls.crt',
    description: 'Certificate chain of TLS_PORT, in PEM.',
  }),
  TLS_KEY_FILE: setting(z.string().optional(), {
    example: '/etc/gatehouse/tls.key',
    description: 'Private key of that certificate, in PEM.',
  }),
  TLS_CLIENT_CA_FILE: setting(z.string().optional(), {
    example: '/etc/gatehouse/client-ca.crt',
    description: "Certificates, in PEM, whose owners issue clients' certificates; without it none counts as issued.",
  }),
  CLIENT_CERTIFICATE_HEADER: setting(
    z
      .string()
      .toLowerCase()
      .regex(/^[a-z0-9-]+$/, 'must be the name of a header')
      .optional(),
    {
      example: 'Client-Cert',
      description:
        "Header in which TRUSTED_PROXIES, and nobody else, tell a client's certificate (RFC 9440, or PEM in URL encoding).",
    },
  ),
};

type ClientCertificateConfig = {
  readonly [K in keyof typeof clientCertificateSettings]: z.output<(typeof clientCertificateSettings)[K]>;
} & {
  readonly TRUSTED_PROXIES: readonly string[];
};

function clientCertificateProblems(config: ClientCertificateConfig) {
  const { TLS_PORT: tlsPort, TLS_CERT_FILE: certificate, TLS_KEY_FILE: key } = config;
  const example = '/etc/gatehouse/tls.pem';
  return [
    ...(tlsPort !== undefined && certificate === undefined
      ? [{ variable: 'TLS_CERT_FILE', problem: 'is needed with TLS_PORT', example }]
      : []),
    ...(tlsPort !== undefined && key === undefined
      ? [{ variable: 'TLS_KEY_FILE', problem: 'is needed with TLS_PORT', example }]
      : []),
    ...(config.CLIENT_CERTIFICATE_HEADER !== undefined && config.TRUSTED_PROXIES.length === 0
      ? [{ variable: 'TRUSTED_PROXIES', problem: 'is needed with CLIENT_CERTIFICATE_HEADER', example: '10.0.0.0/8' }]
      : []),
  ];
}

/** The settings that every service has. */
export function serviceSettings(defaults: { port: number; adminPort: number }) {
  return settings(
    {
      GATEHOUSE_ENV: setting(environment, {
        example: 'production',
        description: 'Where the service runs; decides how strict it is about the rest.',
      }),
      LOG_LEVEL: setting(logLevel().default('info'), { example: 'INFO', description: 'Lines below are not written.' }),
      HOST: setting(z.string().default('127.0.0.1'), {
        example: '0.0.0.0',
        description: 'Address that both ports listen on.',
      }),
      PORT: setting(port().default(defaults.port), {
        example: String(defaults.port),
        description: 'Port of the API.',
      }),
      ADMIN_PORT: setting(port().default(defaults.adminPort), {
        example: String(defaults.adminPort),
        description: 'Port of health and metrics; not for the public.',
      }),
      SERVICE_URL: setting(baseUrl(), {
        example: `https://token.example.com`,
        description: "The service's own base URL as its callers see it; also the audience of its access tokens.",
      }),
      ISSUER: setting(issuerUrl(), {
        example: 'https://id.example.com',
        description: 'Issuer of the access tokens: the public base URL of the token service.',
      }),
      TRUSTED_PROXIES: setting(listOf(network()).default([]), {
        example: '10.0.0.0/8,192.168.1.7',
        description: 'Proxies whose X-Forwarded-* headers are believed; nobody unless set.',
      }),
      ...clientCertificateSettings,
      BODY_LIMIT_BYTES: setting(integer({ min: KIB, max: 16 * KIB * KIB }).default(KIB * KIB), {
        example: '1048576',
        description: 'Largest request body, in bytes.',
      }),
      REQUEST_TIMEOUT_MS: setting(durationMs().default(15_000), {
        example: '15000',
        description: 'How long a client may take to send a whole request, in milliseconds.',
      }),
      KEEP_ALIVE_TIMEOUT_MS: setting(durationMs().default(65_000), {
        example: '65000',
        description: 'How long an idle connection stays open; longer than the proxy in front keeps it.',
      }),
      SHUTDOWN_BUDGET_MS: setting(durationMs().default(20_000), {
        example: '20000',
        description: 'How long an orderly shutdown may take, in milliseconds.',
      }),
      SHUTDOWN_DELAY_MS: setting(durationMs({ min: 0 }).default(0), {
        example: '5000',
        description: 'How long the service still answers after it became unready, until balancers have noticed.',
      }),
      GATEHOUSE_KILL_POINT: setting(z.string().optional(), {
        example: 'before-commit',
        description: 'Tests only: the named point at which the process kills itself.',
      }),
      GATEHOUSE_KILL_AFTER: setting(integer({ min: 1 }).default(1), {
        example: '1',
        description: 'Tests only: at which visit of that point.',
      }),
    },
    {
      rules: (config) => [
        ...(config.PORT !== 0 && config.PORT === config.ADMIN_PORT
          ? [{ variable: 'ADMIN_PORT', problem: 'is the same as PORT', example: String(defaults.adminPort) }]
          : []),
        ...clientCertificateProblems(config),
      ],
      hardening: (config) => [
        ...(config.SERVICE_URL.startsWith('https:') || isLoopback(config.SERVICE_URL)
          ? []
          : ['SERVICE_URL is not https']),
        ...(isLoopback(config.ISSUER) ? ['ISSUER is a loopback address'] : []),
        ...(config.TRUSTED_PROXIES.some((range) => /\/0$/.test(range)) ? ['TRUSTED_PROXIES trusts everybody'] : []),
        ...(config.GATEHOUSE_KILL_POINT === undefined ? [] : ['GATEHOUSE_KILL_POINT is set']),
      ],
    },
  );
}

/** The point at which this process is to kill itself, for the tests that need a crash there; never in production. */
export function killPointFromEnvironment(): { readonly name: string; readonly after: number } | null {
  const { GATEHOUSE_ENV, GATEHOUSE_KILL_POINT: name, GATEHOUSE_KILL_AFTER: after = '1' } = process.env;
  if (!name || GATEHOUSE_ENV === 'production') return null;
  return { name, after: Number(after) };
}
