import { describe, expect, test } from 'vitest';
import { waitFor } from './e2e-kubectl.ts';
import { runTool, ToolError } from './e2e-tool.ts';

const explain = (): Promise<string> => Promise.resolve('pod sim is Pending');
const patience = (): AbortSignal => AbortSignal.timeout(20_000);

describe('waitFor', () => {
  test('asks again while there is no answer, and while a tool fails', async () => {
    const answers = [
      undefined,
      false,
      new ToolError(['kubectl', 'get'], 1, '', 'connection refused'),
      'ready',
    ] as const;
    let asked = 0;
    const check = (): Promise<string | undefined | false> => {
      const answer = answers[asked++];
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    };
    await expect(waitFor('the pod', check, patience(), explain)).resolves.toBe('ready');
    expect(asked).toBe(4);
  });

  test('at its end says what it waited for, what failed last and how things stand', async () => {
    const ended = new AbortController();
    const check = (): Promise<never> => {
      ended.abort();
      return Promise.reject(new ToolError(['kubectl', 'get'], 1, '', 'connection refused'));
    };
    const waiting = waitFor('the pod', check, ended.signal, explain);
    await expect(waiting).rejects.toThrow(
      'waited in vain for the pod\nkubectl get ended with 1:\nconnection refused\npod sim is Pending',
    );
  });

  test('a mistake of the check itself ends it at once', async () => {
    const waiting = waitFor('the pod', () => Promise.reject(new TypeError('no items')), patience(), explain);
    await expect(waiting).rejects.toThrow(TypeError);
  });
});

describe('runTool', () => {
  test('writes the input and gives the output', async () => {
    await expect(runTool('cat', [], { input: 'whole' })).resolves.toBe('whole');
  });

  test('rejects with all that the program said', async () => {
    const failing = runTool('sh', ['-c', 'echo out; echo err >&2; exit 3']);
    await expect(failing).rejects.toMatchObject({ exitCode: 3, stderr: 'err\n' });
    await expect(failing).rejects.toThrow('ended with 3:\nerr');
  });

  test('kills what runs when it is aborted', async () => {
    const aborted = new AbortController();
    const running = runTool('sleep', ['600'], { signal: aborted.signal });
    aborted.abort();
    await expect(running).rejects.toThrow('aborted');
  });
});
