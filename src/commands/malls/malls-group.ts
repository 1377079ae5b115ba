import type { CommandGroup } from '../command.ts';
import { activateCommand, deactivateCommand } from './activate-commands.ts';
import { addCommand } from './add-command.ts';
import { authorizeCommand } from './authorize-command.ts';
import { importCommand } from './import-command.ts';
import { listCommand } from './list-command.ts';
import { showCommand } from './show-command.ts';

export const mallsGroup: CommandGroup = {
  name: 'malls',
  summary: 'Register, show and authorize malls',
  commands: [importCommand, addCommand, listCommand, showCommand, activateCommand, deactivateCommand, authorizeCommand],
};
