import { runService } from '@gatehouse/http';

await runService(async () => (await import('./service.ts')).emailVerificationService);
