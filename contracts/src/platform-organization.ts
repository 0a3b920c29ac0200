/** The organisation in which platform permissions are held and asked; it exists from the first migration on. */
export const PLATFORM_ORGANIZATION_ID = '00000000-0000-7000-8000-000000000000';
