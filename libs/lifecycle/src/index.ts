export { Health, withDeadline } from './health.ts';
export type { HealthPart, Readiness } from './health.ts';
export { Shutdown, shutdownStages } from './shutdown.ts';
export type { ShutdownListener, ShutdownStage } from './shutdown.ts';
