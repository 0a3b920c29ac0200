import { Module, type DynamicModule } from '@nestjs/common';
import { Health, Shutdown } from '@gatehouse/lifecycle';

/** Gives every module of a service its one `Health` and its one `Shutdown`. */
@Module({})
export class LifecycleModule {
  static register(health: Health, shutdown: Shutdown): DynamicModule {
    return {
      module: LifecycleModule,
      global: true,
      providers: [
        { provide: Health, useValue: health },
        { provide: Shutdown, useValue: shutdown },
      ],
      exports: [Health, Shutdown],
    };
  }
}
