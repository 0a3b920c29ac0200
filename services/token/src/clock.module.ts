import { Module } from '@nestjs/common';
import { Clock, SystemClock } from './clock.ts';

/** One clock for all of the modules, so that setting it sets it everywhere. */
@Module({ providers: [{ provide: Clock, useClass: SystemClock }], exports: [Clock] })
export class ClockModule {}
