export interface PlantedBug {
  /** Where it was found last. */
  seed: number
  file: string
  text: string
  instead: string
}

export const plantedBugs: Record<string, PlantedBug>

export function bundleSimulation(outfile: string, bug?: PlantedBug | null): Promise<void>

export function runSeeds(
  bundle: string,
  seeds: { first: number; step: number; end: number; brokers?: number },
  onResult: (result: { seed: number; violations: readonly string[] }) => boolean,
): Promise<void>
