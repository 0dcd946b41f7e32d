//! The whole behaviour, driven by [`Command`]s and told by [`Event`]s, with or without a browser.
//!
//! A session has at most one pack, one backend and one live run. The model on the screen is the
//! pack's own until a run starts, and the run's until it is reset. A command that fails changes nothing.

mod command;
mod device;
mod envelope;
mod event;
mod explained;
mod loaded;
mod ranked;
mod run;
mod trial;

pub use crate::pack::{CautionKind, Grade, LeakLine, MetricLine};
pub use crate::settings::{Settings, Template, TextSettings};
pub use command::{BackendChoice, Command};
pub use envelope::Envelope;
pub use event::{
    BackendKind, BackendReport, CaseCard, CautionLine, EntityCard, EntityMatch, EntityRef, Event, Fact, ModelSource,
    PackSummary, Progress, Ranking, RankingRow, RunState, TypeSummary, Written,
};
pub use explained::{Against, Explanation, Other, PathGroup, Rivals, StepWords, Stop, pack_explanation};
pub use ranked::pack_ranking;

use crate::error::{Error, Result};
use crate::ids::EntityId;
use crate::model::Arithmetic;
use crate::pack::{self, Pack};
use crate::project::Axes;
use device::Device;
use loaded::LoadedPack;
use ranked::Shown;
use run::LiveRun;
use trial::Trial;

/// Wall time between two looks at the model while it trains: map and ranking follow at this pace.
const LOOK_SECS: f64 = 0.35;

type Events = Vec<Envelope<Event>>;

/// Commands in, events out.
pub struct Session {
    clock: fn() -> f64,
    device: Device,
    settings: Settings,
    loaded: Option<LoadedPack>,
    run: Option<LiveRun>,
    trial: Option<Trial>,
    /// Experiments started so far.
    trials: u32,
    is_running: bool,
    /// Disease and number of rows of the last ranking, repeated while the model changes.
    query: Option<(EntityId, u32)>,
    axes: Axes,
    last_look: f64,
}

impl Session {
    /// A session without pack; on the CPU until [`Command::Start`]. `clock` tells seconds since any fixed moment.
    pub fn new(clock: fn() -> f64) -> Self {
        Session {
            clock,
            device: Device::Cpu,
            settings: Settings::default(),
            loaded: None,
            run: None,
            trial: None,
            trials: 0,
            is_running: false,
            query: None,
            axes: Axes::new(1),
            last_look: f64::MIN,
        }
    }

    /// Whether [`Session::advance`] has work to do.
    pub fn is_running(&self) -> bool {
        self.is_running || self.trial.is_some()
    }

    /// Carries out one command. A failure is an [`Event::Failed`].
    pub async fn handle(&mut self, command: Envelope<Command>) -> Events {
        let doing = doing(&command.body);
        let is_opening = matches!(command.body, Command::OpenPack { .. });
        match self.carry_out(command).await {
            Ok(events) => events,
            Err(error) if is_opening => vec![Event::Refused { message: error.to_string() }.into()],
            Err(error) => self.after_failure(doing, error).await,
        }
    }

    /// Trains one slice, of the experiment if there is one, and tells about it; now and then with a new map and ranking.
    pub async fn advance(&mut self) -> Events {
        if let (Some(mut trial), Some(loaded)) = (self.trial.take(), &self.loaded) {
            return match trial.slice(&loaded.pack, &self.device, self.clock).await {
                Ok(events) => {
                    let mut events: Events = events.into_iter().map(Envelope::from).collect();
                    self.trial = Some(trial).filter(|trial| !trial.is_done());
                    if self.trial.is_none() {
                        events.push(self.run_state());
                    }
                    events
                }
                Err(error) => self.after_failure("the experiment", error).await,
            };
        }
        if !self.is_running {
            return Vec::new();
        }
        match self.train_slice().await {
            Ok(events) => events,
            Err(error) => {
                self.is_running = false;
                self.after_failure("training", error).await
            }
        }
    }

    /// Tells of a failure. A GPU that failed stays failed: it is replaced, and the run goes on, paused,
    /// from the model that was read back last.
    async fn after_failure(&mut self, doing: &str, error: Error) -> Events {
        let mut events: Events = vec![Event::Failed { doing: doing.to_owned(), message: error.to_string() }.into()];
        if matches!(error, Error::Gpu(_)) && !matches!(self.device, Device::Cpu) {
            let (device, report) = Device::replace(&error).await;
            self.device = device;
            self.is_running = false;
            events.push(Event::BackendChosen(report).into());
            if self.run.as_mut().is_some_and(|run| run.move_to(&self.device).is_err()) {
                self.run = None;
            }
        }
        if self.loaded.is_some() {
            events.push(self.run_state());
        }
        events
    }

    async fn carry_out(&mut self, command: Envelope<Command>) -> Result<Events> {
        match command.body {
            Command::Start { backend } => {
                let (device, report) = Device::choose(backend).await;
                self.device = device;
                Ok(vec![Event::BackendChosen(report).into()])
            }
            Command::OpenPack { name, files, settings } => self.open(name, files, command.attachments, settings),
            Command::RankDrugs { disease, limit } => {
                let ranked = ranked::rank(&self.loaded()?.pack, self.shown()?, disease, limit as usize)?;
                self.query = Some((disease, limit));
                Ok(vec![Event::Ranked(ranked).into()])
            }
            Command::Search { text, limit } => Ok(vec![self.loaded()?.search(&text, limit as usize).into()]),
            Command::Describe { entity } => Ok(vec![self.loaded()?.describe(entity)?.into()]),
            Command::Explain { drug, disease } => {
                Ok(vec![Event::Explained(self.loaded()?.explain(self.shown()?, drug, disease)?).into()])
            }
            Command::Locate { id } => Ok(vec![self.loaded()?.locate(id).into()]),
            Command::Name { entity } => Ok(vec![self.loaded()?.name_of(entity)?.into()]),
            Command::Configure { settings } => self.configure(settings),
            Command::Play | Command::Step if self.trial.is_some() => {
                Err(Error::Settings("an experiment runs; stop it, or let it end, before the live run goes on".into()))
            }
            Command::Play => {
                self.ensure_run()?.until = None;
                self.is_running = true;
                Ok(self.look(vec![self.run_state()]))
            }
            Command::Step => {
                self.ensure_run()?.stop_after_epoch();
                self.is_running = true;
                Ok(vec![self.run_state()])
            }
            Command::Experiment { experiment } => {
                let trial = Trial::new(experiment, &self.loaded()?.pack, self.trials + 1)?;
                self.trials += 1;
                self.is_running = false;
                self.trial = Some(trial);
                Ok(vec![self.run_state()])
            }
            Command::StopExperiment => {
                self.trial = None;
                Ok(vec![self.run_state()])
            }
            Command::Pause => {
                self.is_running = false;
                let mut events = vec![self.run_state()];
                if let Some(run) = &mut self.run {
                    run.refresh().await?;
                    events = self.look(events);
                }
                Ok(events)
            }
            Command::Reset => {
                let run = self.run_without_model(&self.loaded()?.pack, &self.settings)?;
                self.is_running = false;
                self.run = run;
                self.axes = Axes::new(self.shown()?.model.dim());
                Ok(self.look(vec![self.run_state()]))
            }
        }
    }

    fn open(
        &mut self,
        name: String,
        files: Vec<String>,
        stored: Vec<Vec<u8>>,
        settings: Option<Settings>,
    ) -> Result<Events> {
        if files.len() != stored.len() {
            return Err(Error::pack(
                pack::MANIFEST_FILE,
                format!("{} files were named, {} arrived", files.len(), stored.len()),
            ));
        }
        let files: Vec<_> = files.into_iter().zip(stored).collect();
        let pack = pack::read(&files, pack::MOST_IN_BROWSER)?;
        let own = pack.manifest.model.as_ref().map(|card| card.settings).unwrap_or_default();
        // A pack may show a model that was trained on text without bringing the text.
        settings.as_ref().map_or_else(|| own.check(), |asked| run::check(&pack, asked))?;
        let settings = settings.unwrap_or(own);
        // It must start before the old pack goes.
        let run = self.run_without_model(&pack, &settings)?;
        self.settings = settings;
        self.run = run;
        self.is_running = false;
        (self.query, self.trial) = (None, None);
        self.loaded = Some(LoadedPack::new(name, pack));
        self.axes = Axes::new(self.shown()?.model.dim());
        let (summary, kinds) = self.loaded()?.summary();
        let opened = Envelope { body: Event::PackOpened(summary), attachments: vec![kinds] };
        Ok(self.look(vec![opened, self.run_state()]))
    }

    fn configure(&mut self, settings: Settings) -> Result<Events> {
        match &self.loaded {
            Some(loaded) => run::check(&loaded.pack, &settings)?,
            None => settings.check()?,
        }
        let only_rate = Settings { learning_rate: self.settings.learning_rate, ..settings } == self.settings;
        if self.run.is_some() && !only_rate {
            let loaded = self.loaded()?;
            let mut run = LiveRun::of_pack(&loaded.pack, &self.device, &settings)?;
            if self.run.as_ref().is_some_and(|old| old.until.is_some()) {
                run.stop_after_epoch();
            }
            self.run = Some(run);
            self.axes = Axes::new(settings.dim as usize);
        }
        self.settings = settings;
        let state = self.run_state();
        Ok(if only_rate { vec![state] } else { self.look(vec![state]) })
    }

    /// A run for a pack that brings no model: there is nothing else to show.
    fn run_without_model(&self, pack: &Pack, settings: &Settings) -> Result<Option<LiveRun>> {
        match &pack.model {
            Some(_) => Ok(None),
            None => LiveRun::of_pack(pack, &self.device, settings).map(Some),
        }
    }

    fn ensure_run(&mut self) -> Result<&mut LiveRun> {
        if self.run.is_none() {
            let loaded = self.loaded.as_ref().ok_or_else(no_pack)?;
            self.run = Some(LiveRun::of_pack(&loaded.pack, &self.device, &self.settings)?);
            self.axes = Axes::new(self.settings.dim as usize);
        }
        self.run.as_mut().ok_or_else(no_pack)
    }

    async fn train_slice(&mut self) -> Result<Events> {
        let Some(run) = &mut self.run else {
            self.is_running = false;
            return Ok(Vec::new());
        };
        let progress = run.slice(&self.settings, self.clock).await?;
        let mut events = vec![Event::Trained(progress).into()];
        let is_done = run.is_done();
        if is_done {
            run.until = None;
            self.is_running = false;
        }
        let now = (self.clock)();
        if is_done || now - self.last_look >= LOOK_SECS {
            run.refresh().await?;
            if is_done {
                events.push(self.run_state());
            }
            events = self.look(events);
        }
        Ok(events)
    }

    /// Adds the map, and the ranking where one was asked for, of the model on the screen.
    fn look(&mut self, mut events: Events) -> Events {
        self.last_look = (self.clock)();
        let Ok(shown) = self.shown() else { return events };
        let epoch = (shown.source == ModelSource::Live).then_some(shown.epoch);
        let mut axes = self.axes.clone();
        let brought = self.loaded.as_ref().and_then(|loaded| loaded.pack.layout.as_ref());
        let (positions, variance_share) = match brought.filter(|_| shown.source == ModelSource::Pack) {
            Some(positions) => (positions.clone(), None),
            None => {
                let layout = axes.project(shown.model.entity_table(), Arithmetic::Fast);
                (layout.positions, Some(layout.variance_share))
            }
        };
        let ranked = self.query.and_then(|(disease, limit)| {
            self.loaded.as_ref().and_then(|loaded| ranked::rank(&loaded.pack, shown, disease, limit as usize).ok())
        });
        self.axes = axes;
        let body = Event::LaidOut { epoch, variance_share };
        events.push(Envelope { body, attachments: vec![bytemuck::cast_slice(&positions).to_vec()] });
        events.extend(ranked.map(|ranked| Envelope::from(Event::Ranked(ranked))));
        events
    }

    fn loaded(&self) -> Result<&LoadedPack> {
        self.loaded.as_ref().ok_or_else(no_pack)
    }

    fn shown(&self) -> Result<Shown<'_>> {
        match (&self.run, &self.loaded) {
            (Some(run), _) => Ok(Shown { model: &run.model, source: ModelSource::Live, epoch: run.model_epoch() }),
            (None, Some(loaded)) => match &loaded.pack.model {
                Some(model) => Ok(Shown { model, source: ModelSource::Pack, epoch: 0 }),
                None => Err(no_pack()),
            },
            (None, None) => Err(no_pack()),
        }
    }

    fn run_state(&self) -> Envelope<Event> {
        Event::RunChanged(RunState {
            source: if self.run.is_some() { ModelSource::Live } else { ModelSource::Pack },
            running: self.is_running,
            epoch: self.run.as_ref().map_or(0, LiveRun::epoch),
            settings: self.settings,
            experiment: self.trial.as_ref().map_or(0, |trial| trial.number),
        })
        .into()
    }
}

fn no_pack() -> Error {
    Error::NotFound("no pack is open yet".into())
}

fn doing(command: &Command) -> &'static str {
    match command {
        Command::Start { .. } => "choosing the backend",
        Command::OpenPack { .. } => "opening the pack",
        Command::RankDrugs { .. } => "ranking drugs",
        Command::Search { .. } => "searching",
        Command::Describe { .. } | Command::Name { .. } | Command::Locate { .. } => "looking up an entity",
        Command::Explain { .. } => "explaining a pair",
        Command::Configure { .. } => "changing the settings",
        Command::Play | Command::Step => "starting to train",
        Command::Pause => "pausing",
        Command::Experiment { .. } | Command::StopExperiment => "the experiment",
        Command::Reset => "resetting",
    }
}
