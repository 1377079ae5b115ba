import type { KubeClient } from '../../src/adapters/kubernetes/transport/kube-client.ts';
import { openDatabase, type Database } from '../../src/adapters/postgres/database.ts';
import { LeaseLostError } from '../../src/domain/errors.ts';
import { createLineLogger, runProcess, SPEED } from './controller-inside-process.ts';
import { gateDatabase } from './fault-client-database.ts';
import { gateClient, type CallWitness } from './fault-client.ts';
import { createStepGate, MOST_POINTS, type Life, type StepGate } from './fault-points-gate.ts';
import type { FaultPlan } from './fault-points.ts';

export interface ControllerInsideOptions {
  /** Over the program's own transport. */
  readonly client: KubeClient;
  readonly databaseUrl: string;
  readonly namespace: string;
  readonly installationId: string;
  /** Null: nothing goes wrong. */
  readonly plan: FaultPlan | null;
  /** Before each call that is sent. */
  readonly witness: CallWitness;
}

/** Processes of the controller inside this one: after each crash there is another, with empty caches and a new epoch. */
export interface ControllerInside {
  readonly gate: StepGate;
  /** What none of them may do. */
  readonly violations: readonly string[];
  /** What they said last, for the message of a failed run. */
  readonly log: readonly string[];
  /** Begins one more; resolves when it leads, or has ended. */
  begin(): Promise<void>;
  /** Lets all that run drain and end. */
  end(): Promise<void>;
}

export function createControllerInside(options: ControllerInsideOptions): ControllerInside {
  return new Supervisor(options);
}

interface Process {
  readonly life: Life;
  readonly ended: Promise<void>;
  stop(): void;
}

class Supervisor implements ControllerInside {
  readonly gate: StepGate;
  readonly violations: string[] = [];
  readonly log: string[] = [];
  readonly #options: ControllerInsideOptions;
  readonly #processes: Process[] = [];
  /** By serial: what each process drew. */
  readonly #epochs = new Map<number, number>();
  #isEnding = false;

  constructor(options: ControllerInsideOptions) {
    this.#options = options;
    this.gate = createStepGate(options.plan, () => this.begin());
  }

  async begin(): Promise<void> {
    const serial = this.#processes.length + 1;
    const crashed = new AbortController();
    const stopped = new AbortController();
    const { promise: leading, resolve: noteLeading } = Promise.withResolvers<void>();
    const life: Life = {
      serial,
      get isOver() {
        return crashed.signal.aborted;
      },
      crash: () => {
        crashed.abort(new LeaseLostError('the process has crashed'));
        this.#onCrash(process);
      },
    };
    const onEpoch = (epoch: number): void => {
      this.#epochs.set(serial, epoch);
      noteLeading();
    };
    const ended = this.#live(life, crashed.signal, stopped.signal, onEpoch).finally(noteLeading);
    const process: Process = { life, ended, stop: () => stopped.abort() };
    this.#processes.push(process);
    await leading;
  }

  async end(): Promise<void> {
    this.#isEnding = true;
    for (const process of this.#processes) process.stop();
    await Promise.all(this.#processes.map(({ ended }) => ended));
  }

  /** As with a Deployment there is another process as soon as this one has gone. */
  #onCrash({ ended }: Process): void {
    const { points } = this.gate;
    if (points.length >= MOST_POINTS && !this.#isEnding) {
      this.#isEnding = true;
      const circle = points.slice(-12).map(({ key }) => key);
      this.violations.push(`it turns in a circle: ${circle.join(', ')}`);
    }
    if (!this.#isEnding) void ended.then(() => this.begin());
  }

  async #live(life: Life, crashed: AbortSignal, stopped: AbortSignal, onEpoch: (epoch: number) => void): Promise<void> {
    const { client, namespace, installationId, witness } = this.#options;
    const name = `inside-${life.serial}`;
    const database = await this.#openDatabase(name);
    try {
      const onCommit = (): void => this.#checkEpoch(life.serial);
      await runProcess({
        name,
        client: gateClient(client, this.gate, life, witness),
        database: gateDatabase(database, this.gate, life, { speed: SPEED, onCommit }),
        namespace,
        installationId,
        logger: createLineLogger(this.log, name),
        onEpoch,
        crashed,
        stopped,
      });
    } catch (error) {
      const isExpected = crashed.aborted || stopped.aborted || error instanceof LeaseLostError;
      if (!isExpected) this.violations.push(`process ${life.serial} failed: ${String(error)}`);
    } finally {
      await database.close();
    }
  }

  #openDatabase(name: string): Promise<Database> {
    return openDatabase({
      url: this.#options.databaseUrl,
      schema: 'mallsync',
      applicationName: name,
      leaseSeconds: 30,
      poolSize: 1,
      writerConnections: 3,
    });
  }

  /** Whoever is about to commit has held its epoch since the transaction began. */
  #checkEpoch(serial: number): void {
    const own = this.#epochs.get(serial) ?? 0;
    const latest = Math.max(...this.#epochs.values());
    if (own < latest) this.violations.push(`process ${serial} commits for epoch ${own} when there is epoch ${latest}`);
  }
}
