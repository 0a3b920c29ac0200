import { PLATFORM_LOG, PLATFORM_ORGANIZATION_ID } from '@gatehouse/contracts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const ORGANIZATION_LOG = 'org-';

/**
 * The log of an organisation's facts. What belongs to no organisation, to the platform organisation, or names one in a
 * form that no organisation has, goes to the platform log.
 */
export function logOf(organizationId: string | null | undefined): string {
  if (!organizationId || organizationId === PLATFORM_ORGANIZATION_ID || !UUID.test(organizationId)) return PLATFORM_LOG;
  return `${ORGANIZATION_LOG}${organizationId.toLowerCase()}`;
}

/** The organisation whose log it is; null for the platform's. */
export function organizationOf(log: string): string | null {
  return log === PLATFORM_LOG ? null : log.slice(ORGANIZATION_LOG.length);
}
