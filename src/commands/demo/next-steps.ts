import type { RunReport } from '../run/execution-report.ts';
import { toTally } from '../run/execution-report.ts';

/** What to try while the demo stays up: each line works as it is printed, in another terminal in the same folder. */
export function renderNextSteps(
  report: RunReport,
  page: { readonly url: string; readonly metricsUrl: string },
  environmentFile: string,
  simulatorUrl: string,
): string {
  const failed = report.executions.find((each) => toTally(each) === 'failed' && each.failureReason === 'AuthFailed');
  const lines = [
    '',
    'Everything stays up until Ctrl-C. In a browser: last night, why it failed, and how to run exactly that again:',
    '',
    `  ${page.url}`,
    '',
    'In another terminal, in this folder:',
    '',
    `  source ${environmentFile}`,
    '  npx mallsync status                 # what ran and how it ended',
    '  npx mallsync malls list             # the malls and their consent',
    '  npx mallsync errors groups          # rejected rows by cause',
    ...(failed === undefined ? [] : toConsentSteps(failed.mallId)),
    '  npx mallsync rerun --failed         # only what failed',
    `  curl -s ${page.metricsUrl}   # what Prometheus reads`,
    `  curl -s ${simulatorUrl}/_simulator/malls   # the simulated Cafe24 and its switches`,
    '',
  ];
  return `${lines.join('\n')}\n`;
}

/** The simulated Cafe24 agrees at once, so the address that its consent leads to can be had without a browser. */
function toConsentSteps(mallId: number): readonly string[] {
  return [
    `  npx mallsync malls authorize ${mallId} --code "$(curl -s -o /dev/null -w '%{redirect_url}' "$(npx mallsync malls authorize ${mallId} --print-url)")"`,
  ];
}
