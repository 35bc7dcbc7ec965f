/** What `--help` shows below the options of each command. */
export const help = {
  program: `
Examples:
  hypertrain tune                                    the bundled handwritten digits, in less than a minute
  hypertrain tune --data wine.csv --target quality   a table of your own
  hypertrain resume runs/digits-delta-stn-0          go on after a stop

\`hypertrain COMMAND --help\` shows the options of a command.`,
  tune: `
Examples:
  hypertrain tune                                    digits, 3 dropout rates and 3 weight decays, by Delta-STN
  hypertrain tune --data wine --hidden 32 --epochs 100
  hypertrain tune --help stn                         the options of a method; --help-all shows all
  hypertrain tune --data people.csv --target income --hyper dropout.input=0.1 --hyper l2=1e-4
  hypertrain tune --method stn --time 10m --out runs/long
  hypertrain tune my-config.json --seed 3            a flag wins over the file
  hypertrain tune ./my-problem.ts                    see examples/my-problem.ts

Exit code: 0 success, 1 failure of the work, 2 wrong usage or bad input, 130 interrupted after a checkpoint.`,
  inspect: `
Examples:
  hypertrain inspect people.csv --target income
  hypertrain inspect people.csv --target income --json
  hypertrain inspect photos --model simple-cnn --image-size 32
  hypertrain inspect text --data-dir book.txt --model lstm`,
  resume: `
Examples:
  hypertrain resume runs/digits-delta-stn-0
  hypertrain resume runs/digits-delta-stn-0 --epochs 500
  hypertrain resume moved/people-delta-stn-0 --data moved/people.csv`,
  dashboard: `
Examples:
  hypertrain dashboard                               the runs in runs/ and the comparisons in comparisons/
  hypertrain dashboard experiments                   those of another folder, and of folders in it
  hypertrain dashboard --store study.db              and the studies of a store`,
  serve: `
Examples:
  hypertrain serve --store study.db                  at http://127.0.0.1:7718`,
  list: `
Examples:
  hypertrain list
  hypertrain list experiments --json`,
  show: `
Examples:
  hypertrain show runs/digits-delta-stn-0`,
  completion: `
Examples:
  source <(hypertrain completion bash)               in ~/.bashrc
  source <(hypertrain completion zsh)                in ~/.zshrc, behind compinit
  hypertrain completion fish > ~/.config/fish/completions/hypertrain.fish`,
  predict: `
Examples:
  hypertrain predict runs/people-delta-stn-0 new.csv --out answers.csv
  hypertrain predict runs/photos-delta-stn-0 new-photos one-more.jpg
  hypertrain predict runs/book-delta-stn-0 letters.txt
  hypertrain predict runs/book-delta-stn-0 --continue "Once upon" --length 300 --temperature 0.7`,
  refit: `
Examples:
  hypertrain refit runs/people-delta-stn-0
  hypertrain refit runs/people-delta-stn-0 --hold --out runs/people-final`,
  compare: `
Examples:
  hypertrain compare --time 10s
  hypertrain compare --data mnist --methods random,gp,hyperband,stn,delta-stn --time 10m --seeds 1
  hypertrain compare my-config.json --methods tpe,delta-stn --budget-steps 5000 --out comparisons/mine

The same command with the same --out goes on after a stop.`,
  response: `
Examples:
  hypertrain response runs/digits-hyper-training-global-0 --hyper l2.fc1 --from 1e-6 --to 1e-1
  hypertrain response runs/digits-stn-0 --hyper dropout.input --from 0.01 --to 0.6 --points 50 --json`,
  doctor: `
Examples:
  hypertrain doctor
  hypertrain doctor --data-dir data --json`,
  bench: `
Examples:
  hypertrain bench step
  hypertrain bench step --help`,
  benchStep: `
Examples:
  hypertrain bench step
  hypertrain bench step --method stn --engine onnx --rounds 30
  hypertrain bench step --network alexnet --method plain
  hypertrain bench step --network lstm --hyper dropconnect=0.05 --perturbations independent --threads 1
  hypertrain bench step --peer --save bench/results/delta-stn.json --force`,
  benchSearch: `
Examples:
  hypertrain bench search
  hypertrain bench search --peer --save bench/results/search.json`,
  benchHypernet: `
Examples:
  hypertrain bench hypernet
  hypertrain bench hypernet --work each --engine onnx --peer`,
  reproduce: `
Examples:
  hypertrain reproduce figure-3
  hypertrain reproduce figure-2 --data-dir data
  hypertrain reproduce figure-4 --data-dir data --scale paper --threads 1 --json

Exit code: 0 success, 1 if something that the paper says does not come out, 2 wrong usage or bad input, 130 interrupted.`,
} as const;
