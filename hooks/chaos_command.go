package hooks

import (
	"errors"
	"fmt"
	"io"
	lines "log"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/spf13/cobra"

	"interictal/hooks/chaos"
)

// chaosCommand is `interictal chaos`.
func chaosCommand(app core.App) *cobra.Command {
	var listen, to, command, pidFile string
	cfg, odds := ChaosConfig{}, map[chaos.Fault]*float64{}
	cmd := &cobra.Command{
		Use:   "chaos",
		Short: "A bad network to put in front of a server while an app is developed",
		Long: `A proxy that loses requests and answers, delivers twice, late and out of order, cuts streams and kills the server: what
happens to an app in a tunnel, ten years' worth in a minute. The same seed does the same to the same requests.`,
		Example: `interictal chaos --to http://127.0.0.1:8090 --seed 7 --drop-request 0.05 --drop-answer 0.15 --duplicate 0.1 --late 0.1 --reorder 0.05`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			cmd.SilenceUsage = true
			if err := app.ClearBootstrap(); err != nil { // the proxy needs no database, and must not hold one
				return err
			}
			cfg.Log, cfg.Odds = cmd.OutOrStdout(), chaos.Odds{}
			for fault, share := range odds {
				cfg.Odds[fault] = *share
			}
			if cfg.To, err = url.Parse(to); err != nil {
				return err
			}
			cfg.Kill = killer(command, pidFile)
			return serveChaos(app, listen, cfg)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&listen, "listen", "127.0.0.1:9090", "where the app connects to")
	flags.StringVar(&to, "to", "http://127.0.0.1:8090", "the server behind")
	flags.Uint64Var(&cfg.Seed, "seed", rand.Uint64N(1e6), "what chance begins with")
	for fault, what := range map[chaos.Fault]string{
		chaos.DropRequest: "share of requests that never arrive",
		chaos.DropAnswer:  "share of answers that are lost",
		chaos.Duplicate:   "share of requests that arrive twice",
		chaos.Late:        "share of requests whose connection breaks and that arrive later",
		chaos.Reorder:     "share of requests that a later one overtakes",
		chaos.Kill:        "share of requests during which the server is killed",
	} {
		odds[fault] = flags.Float64(string(fault), 0, what)
	}
	flags.DurationVar(&cfg.Delay, "delay", 200*time.Millisecond, "how long what is late is under way, on average")
	flags.DurationVar(&cfg.Cut, "cut-stream", 0, "how long a stream of events lasts, on average (0: as long as it likes)")
	flags.StringVar(&command, "kill-command", "", "kills the server and lets it start again, e.g. 'docker kill -s KILL interictal'")
	flags.StringVar(&pidFile, "kill-pid-file", "", "file with the number of the server's process, which is killed")
	return cmd
}

func serveChaos(app core.App, listen string, cfg ChaosConfig) error {
	c, err := NewChaos(cfg)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	fmt.Fprintf(cfg.Log, "A bad network on http://%s in front of %s, seed %d\n", listener.Addr(), cfg.To, cfg.Seed)
	server := &http.Server{Handler: c, ErrorLog: lines.New(io.Discard, "", 0), ReadHeaderTimeout: time.Minute}
	app.OnTerminate().BindFunc(func(e *core.TerminateEvent) error {
		fmt.Fprintln(cfg.Log, c.Summary())
		return errors.Join(server.Close(), e.Next())
	})
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// killer ends the server without a word to it; nil when nobody said how.
func killer(command, pidFile string) func() error {
	switch {
	case command != "":
		return func() error { return exec.Command("sh", "-c", command).Run() }
	case pidFile != "":
		return func() error {
			text, err := os.ReadFile(pidFile)
			if err != nil {
				return err
			}
			pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
			if err != nil || pid < 2 {
				return fmt.Errorf("%s holds no process number", pidFile)
			}
			process, err := os.FindProcess(pid)
			if err != nil {
				return err
			}
			return process.Kill()
		}
	}
	return nil
}
