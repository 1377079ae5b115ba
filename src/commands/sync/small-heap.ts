import { setFlagsFromString } from 'node:v8';

/**
 * Keeps this process small, best before much is loaded: left alone, V8 lets some hundred MiB of garbage pile up where a
 * machine has memory to spare. The processor time of a page grows by about a half, of which one mall at the API's pace
 * needs hundredths.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=30');
}
