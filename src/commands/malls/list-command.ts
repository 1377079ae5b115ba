import { z } from 'zod';
import type { MallListing } from '../../adapters/postgres/mall-store.ts';
import { createMallStore } from '../../adapters/postgres/mall-store.ts';
import { renderTable } from '../../adapters/telemetry/table.ts';
import { EXIT } from '../../domain/exit-code.ts';
import { defineCommand } from '../command.ts';
import { printJson } from '../print.ts';
import { DATABASE_SETTINGS, JSON_SETTINGS } from '../settings/shared-settings.ts';
import { useDatabase } from '../use-database.ts';
import { toConsentText, toMallDocument } from './mall-document.ts';

export const listCommand = defineCommand({
  name: 'list',
  summary: 'List the malls and how their consent stands',
  settings: z.object({ ...DATABASE_SETTINGS, ...JSON_SETTINGS }),
  examples: [
    ['malls list', 'all malls'],
    ['malls list --json | jq ".malls[] | select(.active) | .mallId"', 'the numbers of the active ones'],
  ],
  async run(settings, io) {
    const malls = await useDatabase(settings, { name: 'malls list' }, ({ pool }) =>
      createMallStore({ pool }).listMalls(),
    );
    if (settings.json) printJson(io, { malls: malls.map(toMallDocument) });
    else
      io.stdout.write(malls.length === 0 ? 'no malls yet: see `mallsync malls import --help`\n' : `${render(malls)}\n`);
    return EXIT.ok;
  },
});

function render(malls: readonly MallListing[]): string {
  return renderTable<MallListing>(
    [
      { title: 'MALL', align: 'right', toCell: ({ mallId }) => String(mallId) },
      { title: 'CAFE24 ID', align: 'left', toCell: ({ cafe24MallId }) => cafe24MallId },
      { title: 'NAME', align: 'left', toCell: ({ name }) => name },
      { title: 'ACTIVE', align: 'left', toCell: ({ active }) => (active ? 'yes' : 'no') },
      { title: 'DOMAINS', align: 'left', toCell: ({ domainTypes }) => domainTypes.join(',') },
      { title: 'SHOPS', align: 'left', toCell: ({ shopNos }) => shopNos?.join(',') ?? 'all' },
      { title: 'CONSENT', align: 'left', toCell: toConsentText },
    ],
    malls,
  );
}
