//! A server that answers as it is told, and fails in the ways of real ones. It counts what it was asked.
#![allow(dead_code, reason = "each test uses what it needs")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

/// What the server does.
pub enum Reply {
    /// 200 with JSON.
    Json(Value),
    /// A status, more headers, a body.
    Status(u16, &'static str, String),
    /// 200 with another kind of content.
    Html,
    /// Half of the promised bytes, then the connection is cut.
    Cut,
    /// Nothing, for longer than anybody waits.
    Hang,
}

/// The request's body and headers.
#[derive(Clone)]
pub struct Request {
    pub path: String,
    pub headers: String,
    pub body: Value,
}

impl Request {
    pub fn prompt(&self) -> String {
        self.body["messages"][0]["content"].as_str().unwrap_or_default().to_owned()
    }
}

pub struct Stub {
    pub url: String,
    pub requests: Arc<Mutex<Vec<Request>>>,
}

impl Stub {
    /// Answers request number `n`, counted from 0, with `answer(n, request)`; ends with the test's process.
    pub fn start(answer: impl Fn(usize, &Request) -> Reply + Send + Sync + 'static) -> Stub {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}/v1", listener.local_addr().expect("an address"));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (asked, answer) = (requests.clone(), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (asked, answer) = (asked.clone(), answer.clone());
                std::thread::spawn(move || serve(stream, &asked, &*answer));
            }
        });
        Stub { url, requests }
    }

    pub fn asked(&self) -> Vec<Request> {
        self.requests.lock().expect("no test panics in it").clone()
    }
}

fn serve(mut stream: TcpStream, asked: &Mutex<Vec<Request>>, answer: &dyn Fn(usize, &Request) -> Reply) {
    let mut reader = BufReader::new(stream.try_clone().expect("a socket"));
    let (mut headers, mut line) = (String::new(), String::new());
    while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
        headers += &line;
        line.clear();
    }
    if headers.is_empty() {
        return;
    }
    let length = headers.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    if body.is_empty() {
        // ureq sends JSON in chunks where it does not know its length.
        loop {
            line.clear();
            reader.read_line(&mut line).expect("a chunk");
            let size = usize::from_str_radix(line.trim(), 16).expect("its size");
            let mut chunk = vec![0; size + 2];
            reader.read_exact(&mut chunk).expect("its bytes");
            if size == 0 {
                break;
            }
            body.extend(&chunk[..size]);
        }
    } else {
        reader.read_exact(&mut body).expect("the body");
    }
    let path = headers.split(' ').nth(1).unwrap_or_default().to_owned();
    let request = Request { path, headers, body: serde_json::from_slice(&body).expect("JSON") };
    let number = {
        let mut asked = asked.lock().expect("no test panics in it");
        asked.push(request.clone());
        asked.len() - 1
    };
    let json = "application/json";
    let (status, kind, more, body) = match answer(number, &request) {
        Reply::Json(value) => (200, json, "", value.to_string()),
        Reply::Status(status, more, body) => (status, json, more, body),
        Reply::Html => (200, "text/html", "", "<html>Sign in</html>".to_owned()),
        Reply::Cut => {
            let _ = write!(stream, "HTTP/1.1 200 OK\r\nContent-Type: {json}\r\nContent-Length: 900\r\n\r\n{{\"choi");
            return;
        }
        Reply::Hang => return std::thread::sleep(Duration::from_secs(60)),
    };
    let length = body.len();
    // Who asked may be gone.
    let _ = write!(
        stream,
        "HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n{more}\r\n{body}"
    );
}

/// A chat completion.
pub fn chat(text: &str, finish: &str) -> Reply {
    Reply::Json(json!({
        "choices": [{ "message": { "role": "assistant", "content": text }, "finish_reason": finish }],
        "usage": { "prompt_tokens": 50, "completion_tokens": 20 },
    }))
}

/// The name that a prompt is about.
pub fn name(prompt: &str) -> String {
    let begin = prompt.rsplit("Begin with \"").next().unwrap_or_default();
    begin.split(" is\"").next().unwrap_or_default().to_owned()
}

/// A description of whom a prompt is about.
pub fn description(prompt: &str) -> String {
    format!("{} is something that this server knows and describes in more than twelve plain words.", name(prompt))
}
